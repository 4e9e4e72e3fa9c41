import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Stats } from "../../shared/api/types";
import { formatMoney } from "../../shared/format/format";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";

const REFUNDED = "/admin?status=cancelled%2Creturned&paid=yes";
const TOP = 5;

/** The gist in one line; the lists when it is opened. */
export function MoreFigures({ stats }: { stats: Stats }) {
  const { currency, refundDue, topProducts, lowStock } = stats;
  const money = (amount: number) => formatMoney(amount, currency);
  const best = topProducts[0];
  return (
    <details className="card dash-more">
      <summary>
        <span className="dash-more-name">{strings.more}</span>
        <Gist name={strings.refundDue}>{money(refundDue.total)}</Gist>
        <Gist name={strings.lowStock}>{strings.lowCount(lowStock.length)}</Gist>
        {best && <Gist name={strings.bestSeller}>{best.name}</Gist>}
      </summary>
      <div className="dash-more-lists">
        <section>
          <h2>{strings.refundDue}</h2>
          {refundDue.orders === 0 ? (
            <p className="muted">{strings.noRefunds}</p>
          ) : (
            <>
              <p>
                <strong>{money(refundDue.total)}</strong> {strings.refundHint(refundDue.orders)}
              </p>
              <Link href={REFUNDED}>{strings.refundOrders}</Link>
            </>
          )}
        </section>
        <section>
          <h2>{strings.topProducts}</h2>
          {topProducts.length === 0 && <p className="muted">{strings.noSales}</p>}
          <ol>
            {topProducts.slice(0, TOP).map(({ productId, name, quantity, revenue }) => (
              <Line key={productId} name={name}>
                <span className="muted">{common.units(quantity)}</span> {money(revenue)}
              </Line>
            ))}
          </ol>
        </section>
        <section>
          <h2>{strings.lowStock}</h2>
          {lowStock.length === 0 && <p className="muted">{strings.noLowStock}</p>}
          <ul>
            {lowStock.map(({ productId, name, stock }) => (
              <Line key={productId} name={<Link href="/admin/products">{name}</Link>}>
                {strings.left(stock)}
              </Line>
            ))}
          </ul>
        </section>
      </div>
    </details>
  );
}

function Gist({ name, children }: { name: string; children: ReactNode }) {
  return (
    <span className="dash-gist">
      <span className="muted">{name}</span> {children}
    </span>
  );
}

function Line({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <li>
      <span>{name}</span>
      <span className="number">{children}</span>
    </li>
  );
}
