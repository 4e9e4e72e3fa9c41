import type { Order } from "../../shared/api/types";
import { strings } from "../../strings/adminOrder";

export function Customer({ order }: { order: Order }) {
  const { customer, shipTo } = order;
  return (
    <section className="card stack" aria-labelledby="customer">
      <h2 id="customer">{strings.customer}</h2>
      <div>
        <p>{customer.name}</p>
        <a className="admin-order-email" href={`mailto:${customer.email}`}>
          {customer.email}
        </a>
      </div>
      <h3>{strings.address}</h3>
      {shipTo ? (
        <address className="admin-order-address">
          {[
            shipTo.name,
            ...shipTo.lines,
            [shipTo.postcode, shipTo.city].filter(Boolean).join(" "),
            shipTo.country,
          ].join("\n")}
        </address>
      ) : (
        <p className="muted">{strings.noAddress}</p>
      )}
    </section>
  );
}
