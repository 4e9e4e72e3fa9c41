import type { Ref } from "react";
import { Link } from "wouter";
import type { OrderRow } from "../../shared/api/types";
import { formatDate, formatMoney } from "../../shared/format/format";
import { StatusAnnouncement } from "../../shared/order/StatusAnnouncement";
import { StatusWord } from "../../shared/order/StatusWord";
import { strings } from "../../strings/customer";
import { itemsSummary } from "./itemsSummary";

/** A row of the history. */
export function EarlierOrder({ order, ref }: { order: OrderRow; ref?: Ref<HTMLAnchorElement> }) {
  const id = `order-${order.id}`;
  return (
    <>
      <div>
        <Link ref={ref} id={id} href={`/orders/${order.id}`}>
          {order.number}
        </Link>{" "}
        <time className="past-order-time" dateTime={order.createdAt}>
          {formatDate(order.createdAt)}
        </time>
      </div>
      <p className="past-order-items">{itemsSummary(order.items)}</p>
      <div className="past-order-end">
        <StatusWord status={order.status} />
        {order.refundDue && <span className="past-order-refund">{strings.refundDue}</span>}
      </div>
      <span className="number past-order-total">{formatMoney(order.total, order.currency)}</span>
      <Link className="button past-order-again" href={`/orders/new?reorder=${order.id}`} aria-describedby={id}>
        {strings.reorder}
      </Link>
      <StatusAnnouncement order={order} />
    </>
  );
}
