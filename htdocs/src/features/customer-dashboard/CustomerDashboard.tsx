import { Link } from "wouter";
import { LoadError } from "../../shared/ui/Banner";
import { EmptyState } from "../../shared/ui/EmptyState";
import { useFlash } from "../../shared/ui/useFlash";
import { useTitle } from "../../shared/ui/useTitle";
import { strings as common } from "../../strings/common";
import { strings } from "../../strings/customer";
import "./CustomerDashboard.css";
import { EarlierOrders } from "./EarlierOrders";
import { OrderCard } from "./OrderCard";
import { useOwnOrders } from "./useOwnOrders";

/** What the customer has ordered, what is on its way first. */
export default function CustomerDashboard() {
  useTitle(strings.yourOrders);
  const { flash, flashing } = useFlash();
  const orders = useOwnOrders(flash);
  const { current, earlier, loading, error, hasMore } = orders;
  const empty = !loading && !error && orders.rows.length === 0;
  return (
    <>
      <div className="page-head">
        <h1>{strings.yourOrders}</h1>
        {!empty && (
          <Link className="button primary" href="/orders/new">
            {strings.newOrder}
          </Link>
        )}
      </div>
      {error != null && <LoadError error={error} onRetry={() => void orders.refresh()} />}
      {loading && <p className="loading">{common.loading}</p>}
      {empty && (
        <EmptyState title={strings.empty}>
          <p>{strings.emptyHint}</p>
          <Link className="button primary" href="/orders/new">
            {strings.placeFirst}
          </Link>
        </EmptyState>
      )}
      {orders.rows.length > 0 && (
        <>
          <section className="stack" aria-labelledby="current-orders">
            <h2 id="current-orders">{strings.current}</h2>
            {current.length === 0 && <p className="muted">{strings.nothingCurrent}</p>}
            <ul className="own-orders">
              {current.map((order) => (
                <li key={order.id} {...flashing(order.id, "card own-order")}>
                  <OrderCard order={order} onChange={orders.patch} />
                </li>
              ))}
            </ul>
            {orders.openMayFollow && <p className="muted">{strings.olderNotLoaded}</p>}
          </section>
          <EarlierOrders
            orders={earlier}
            hasMore={hasMore}
            loadingMore={orders.loadingMore}
            more={orders.more}
            flashing={flashing}
          />
        </>
      )}
    </>
  );
}
