import { useEffect, useRef, useState } from "react";
import type { OrderRow } from "../../shared/api/types";
import type { useFlash } from "../../shared/ui/useFlash";
import { strings } from "../../strings/customer";
import { EarlierOrder } from "./EarlierOrder";

const STEP = 20;

interface EarlierOrdersProps {
  orders: OrderRow[];
  hasMore: boolean;
  loadingMore: boolean;
  more: () => void;
  flashing: ReturnType<typeof useFlash>["flashing"];
}

/** The history, a few at a time: what has been fetched is shown first, then more is fetched. */
export function EarlierOrders({ orders, hasMore, loadingMore, more, flashing }: EarlierOrdersProps) {
  const [wanted, setWanted] = useState(STEP);
  const firstNew = useRef<HTMLAnchorElement>(null);
  const asked = useRef(false);
  const shown = orders.slice(0, wanted);
  const atEnd = shown.length === orders.length && !hasMore;

  // The button goes with the last orders: the focus goes on where they begin.
  useEffect(() => {
    if (!atEnd || !asked.current) return;
    asked.current = false;
    firstNew.current?.focus();
  }, [atEnd]);

  const showMore = () => {
    asked.current = true;
    setWanted(shown.length + STEP);
    if (orders.length < shown.length + STEP && hasMore) more();
  };

  if (orders.length === 0 && !hasMore) return null;
  return (
    <section className="stack" aria-labelledby="earlier-orders">
      <h2 id="earlier-orders">{strings.earlier}</h2>
      {shown.length > 0 && (
        <ul className="card past-orders">
          {shown.map((order, i) => (
            <li key={order.id} {...flashing(order.id, "past-order")}>
              <EarlierOrder order={order} ref={i === wanted - STEP ? firstNew : undefined} />
            </li>
          ))}
        </ul>
      )}
      {!atEnd && (
        <div className="actions">
          <button type="button" onClick={showMore} aria-disabled={loadingMore || undefined}>
            {strings.more}
          </button>
        </div>
      )}
    </section>
  );
}
