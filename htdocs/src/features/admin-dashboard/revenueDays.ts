import type { Stats } from "../../shared/api/types";

export type RevenueDay = Stats["revenue"]["byDay"][number];

/** One entry a day: the API leaves out days on which nothing was sold. */
export function fillDays(byDay: RevenueDay[], days: string[]): RevenueDay[] {
  const known = new Map(byDay.map((each) => [each.date, each]));
  return days.map((date) => known.get(date) ?? { date, orders: 0, revenue: 0 });
}

export const bestOf = (days: RevenueDay[]) =>
  days.reduce<RevenueDay | undefined>((best, each) => (each.revenue > (best?.revenue ?? 0) ? each : best), undefined);
