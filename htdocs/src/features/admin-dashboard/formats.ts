import { startOf } from "./days";

/* The few ways of writing that this page alone has. */

const locale = undefined;
const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" });
const dayOnly = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const inYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const longAgo = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });

/** "Tue, Nov 24" and "Nov 24", of a day as the API writes it. */
export const formatDay = (day: string) => weekday.format(startOf(day));
export const formatShortDay = (day: string) => dayOnly.format(startOf(day));

/** As short as it stays clear: last year's orders need no minutes. */
export function formatPlaced(iso: string): string {
  const date = new Date(iso);
  return (date.getFullYear() === new Date().getFullYear() ? inYear : longAgo).format(date);
}

/** "$1.2K", for an axis. */
export const formatCompactMoney = (amount: number, currency: string) =>
  new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    notation: amount >= 1000 ? "compact" : "standard",
    maximumFractionDigits: amount >= 1000 || Number.isInteger(amount) ? 1 : undefined,
    minimumFractionDigits: Number.isInteger(amount) || amount >= 1000 ? 0 : undefined,
  }).format(amount);

/** 0.01 for dollars, 1 for yen. */
export const smallestUnit = (currency: string) =>
  10 ** -(new Intl.NumberFormat(locale, { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2);
