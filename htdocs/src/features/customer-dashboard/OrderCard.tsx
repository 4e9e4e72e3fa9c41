import { useRef, useState } from "react";
import { Link } from "wouter";
import type { OrderRow } from "../../shared/api/types";
import { formatDateTime, formatMoney } from "../../shared/format/format";
import { CancelOrder } from "../../shared/order/CancelOrder";
import { StatusTracker } from "../../shared/order/StatusTracker";
import { Banner } from "../../shared/ui/Banner";
import { strings } from "../../strings/customer";
import { itemsSummary } from "./itemsSummary";

/** An order in progress: what was ordered, where it stands, and what can be done. */
export function OrderCard({ order, onChange }: { order: OrderRow; onChange: (order: OrderRow) => void }) {
  const link = useRef<HTMLAnchorElement>(null);
  const [failure, setFailure] = useState<string>();
  const heading = `order-${order.id}`;
  return (
    <>
      <div className="own-order-head">
        <h3 id={heading}>
          <Link ref={link} href={`/orders/${order.id}`}>
            {order.number}
          </Link>
        </h3>
        <strong className="number">{formatMoney(order.total, order.currency)}</strong>
        <p className="own-order-items">{itemsSummary(order.items)}</p>
        <p className="muted own-order-time">
          <time dateTime={order.createdAt}>{strings.placed(formatDateTime(order.createdAt))}</time>
        </p>
      </div>
      <StatusTracker order={order} compact />
      {failure && <Banner tone="bad">{failure}</Banner>}
      <div className="actions own-order-actions">
        <CancelOrder order={order} onChange={onChange} onFailure={setFailure} focusAfter={link} describedBy={heading} />
        <Link className="button" href={`/orders/new?reorder=${order.id}`} aria-describedby={heading}>
          {strings.reorder}
        </Link>
      </div>
    </>
  );
}
