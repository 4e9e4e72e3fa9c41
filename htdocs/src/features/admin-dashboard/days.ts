/* Days as "2026-11-24", as the reader's own clock counts them. */

const two = (n: number) => String(n).padStart(2, "0");

export const dayOf = (date: Date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** Midnight at the start of the day, `plus` days later. */
export function startOf(day: string, plus = 0): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + plus);
}

/** "2026-02-31" is no day. */
export const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && dayOf(startOf(text)) === text;

/** The last n days, the oldest first, today the last. */
export const lastDays = (n: number, today: string): string[] =>
  Array.from({ length: n }, (_, index) => dayOf(startOf(today, index - n + 1)));

/** The zone that days are counted in, for the API. */
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
