import { formatMoney, formatNumber } from "../../shared/format/format";
import { strings } from "../../strings/adminDashboard";
import { formatDay } from "./formats";
import type { RevenueDay } from "./revenueDays";

/** The chart's figures to read, the newest day first. */
export function RevenueTable({ days, currency }: { days: RevenueDay[]; currency: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has only a keyboard scrolls it by the arrow keys
    <section className="dash-scroll" aria-label={strings.chartTable} tabIndex={0}>
      <table className="dash-compact">
        <thead>
          <tr>
            <th scope="col">{strings.day}</th>
            <th scope="col" className="number">
              {strings.dayOrders}
            </th>
            <th scope="col" className="number">
              {strings.revenue}
            </th>
          </tr>
        </thead>
        <tbody>
          {[...days].reverse().map(({ date, orders, revenue }) => (
            <tr key={date}>
              <th scope="row">{formatDay(date)}</th>
              <td className="number">{formatNumber(orders)}</td>
              <td className="number">{formatMoney(revenue, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
