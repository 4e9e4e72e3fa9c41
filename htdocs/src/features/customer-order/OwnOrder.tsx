import { type HTMLAttributes, useRef, useState } from "react";
import { Link } from "wouter";
import type { Order } from "../../shared/api/types";
import { formatDateTime } from "../../shared/format/format";
import { CancelOrder } from "../../shared/order/CancelOrder";
import { OrderItems } from "../../shared/order/OrderItems";
import { StatusTracker } from "../../shared/order/StatusTracker";
import { Banner } from "../../shared/ui/Banner";
import { strings } from "../../strings/customer";
import { DeliveryAddress } from "./DeliveryAddress";

interface OwnOrderProps {
  order: Order;
  onChange: (order: Order) => void;
  /** For the box that tells where the order stands: it flashes when that changes. */
  progress: HTMLAttributes<HTMLElement>;
}

export function OwnOrder({ order, onChange, progress }: OwnOrderProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [failure, setFailure] = useState<string>();
  return (
    <>
      <div className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {order.number}
          </h1>
          <p className="muted">
            <time dateTime={order.createdAt}>{strings.placed(formatDateTime(order.createdAt))}</time>
          </p>
        </div>
        <div className="actions">
          <CancelOrder order={order} onChange={onChange} onFailure={setFailure} focusAfter={heading} />
          <Link className="button" href={`/orders/new?reorder=${order.id}`}>
            {strings.reorder}
          </Link>
        </div>
      </div>
      {failure && <Banner tone="bad">{failure}</Banner>}
      <section {...progress} aria-label={strings.progress}>
        <StatusTracker order={order} />
      </section>
      <div className="columns">
        <OrderItems order={order} />
        <DeliveryAddress address={order.shipTo} />
      </div>
    </>
  );
}
