import type { Address } from "../../shared/api/types";
import { strings } from "../../strings/customer";

export function DeliveryAddress({ address }: { address?: Address }) {
  return (
    <section className="stack" aria-labelledby="order-address">
      <h2 id="order-address">{strings.deliverTo}</h2>
      <div className="card">
        {address ? (
          <address className="own-address">{addressLines(address).join("\n")}</address>
        ) : (
          <p className="muted">{strings.noAddress}</p>
        )}
      </div>
    </section>
  );
}

function addressLines({ name, lines, postcode, city, country }: Address): string[] {
  return [name, ...lines, [postcode, city].filter(Boolean).join(" "), country].filter(Boolean);
}
