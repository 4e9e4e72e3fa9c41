import { useState } from "react";
import type { Stats } from "../../shared/api/types";
import { formatMoney } from "../../shared/format/format";
import { strings } from "../../strings/adminDashboard";
import { formatDay } from "./formats";
import { RevenueChart } from "./RevenueChart";
import { RevenueTable } from "./RevenueTable";
import { fillDays } from "./revenueDays";

/** The revenue of the last days, as a chart or as a table. */
export function Revenue({ stats, days }: { stats: Stats; days: string[] }) {
  const [asTable, setAsTable] = useState(false);
  const [at, setAt] = useState<number>();
  const { currency, revenue } = stats;
  const filled = fillDays(revenue.byDay, days);
  const pointed = at === undefined ? undefined : filled[at];
  return (
    <section className="card dash-revenue" aria-labelledby="dash-revenue">
      <header>
        <h2 id="dash-revenue">{strings.revenue}</h2>
        {/* The range under the pointer tells the same to a screen reader. */}
        <p className="dash-readout">
          <span className="muted">{pointed ? formatDay(pointed.date) : strings.lastDays(days.length)}</span>{" "}
          <strong>
            {pointed
              ? strings.sumAndOrders(formatMoney(pointed.revenue, currency), pointed.orders)
              : formatMoney(revenue.total, currency)}
          </strong>
        </p>
        <button type="button" className="link dash-toggle" onClick={() => setAsTable(!asTable)}>
          {asTable ? strings.showChart : strings.showTable}
        </button>
      </header>
      {asTable ? (
        <RevenueTable days={filled} currency={currency} />
      ) : (
        <RevenueChart days={filled} currency={currency} total={revenue.total} at={at} onPoint={setAt} />
      )}
    </section>
  );
}
