/* Numbers, money and times as the reader's own language writes them. */

/** More decimals than any currency has: ISO 4217 knows of 4. What Intl says of a currency isn't always what the shop reckons with (HUF, IQD). */
const MONEY_DECIMALS = 4;
const MONEY_SCALE = 10 ** MONEY_DECIMALS;

const moneyFormats = new Map<string, Intl.NumberFormat>();

export function formatMoney(amount: number, currency: string): string {
  let format = moneyFormats.get(currency);
  if (!format) {
    // At least the decimals that are usual, and all that there are.
    format = new Intl.NumberFormat(undefined, { style: "currency", currency, maximumFractionDigits: MONEY_DECIMALS });
    moneyFormats.set(currency, format);
  }
  return format.format(amount);
}

/* Sums are made in whole numbers, so that they are exact: 3 × 0.1 is 0.3. */
const toWhole = (amount: number) => Math.round(amount * MONEY_SCALE);

export const multiplyMoney = (price: number, quantity: number) => (toWhole(price) * quantity) / MONEY_SCALE;

export const sumMoney = (amounts: number[]) => amounts.reduce((sum, amount) => sum + toWhole(amount), 0) / MONEY_SCALE;

/** False for amounts so large that a number of JavaScript can't hold them to the last digit. */
export const isExactMoney = (amount: number) => Number.isSafeInteger(toWhole(amount));

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const dateOnly = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export const formatDateTime = (iso: string) => dateTime.format(new Date(iso));
export const formatDate = (iso: string) => dateOnly.format(new Date(iso));
export const formatNumber = (n: number) => n.toLocaleString();

const ago = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "5 min. ago". */
export function formatAgo(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  for (const [unit, length] of STEPS) if (seconds >= length) return ago.format(-Math.floor(seconds / length), unit);
  return ago.format(0, "second");
}

const ahead = new Intl.RelativeTimeFormat(undefined, { numeric: "always" });

/** "in 40 seconds", "in 3 minutes": how long to wait, never told too short. */
export function formatWait(seconds: number): string {
  return seconds < 100 ? ahead.format(Math.ceil(seconds), "second") : ahead.format(Math.ceil(seconds / 60), "minute");
}
