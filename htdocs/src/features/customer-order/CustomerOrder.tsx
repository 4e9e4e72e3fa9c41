import useSWR from "swr";
import { Link } from "wouter";
import { ApiError } from "../../shared/api/http";
import type { Order } from "../../shared/api/types";
import { useLiveListener } from "../../shared/live/LiveContext";
import { LoadError } from "../../shared/ui/Banner";
import { useFlash } from "../../shared/ui/useFlash";
import { useTitle } from "../../shared/ui/useTitle";
import { strings as common } from "../../strings/common";
import { strings } from "../../strings/customer";
import "./CustomerOrder.css";
import { NoSuchOrder } from "./NoSuchOrder";
import { OwnOrder } from "./OwnOrder";

/** One order of the customer's own. */
export default function CustomerOrder({ id }: { id: string }) {
  const { data: order, error, mutate } = useSWR<Order>(`/orders/${id}`);
  const { flash, flashing } = useFlash();
  useTitle(order?.number ?? strings.order);
  useLiveListener({
    onEvent: (event) => {
      if (event.id !== id || (order && event.version <= order.version)) return;
      // Events carry no history, and an answer that is still under way may be older.
      void mutate();
      if (order) flash(id);
    },
    onRefetch: () => void mutate(),
  });

  if (error instanceof ApiError && error.status === 404) return <NoSuchOrder />;
  return (
    <>
      <Link href="/" className="own-back">
        <span aria-hidden="true">← </span>
        {strings.yourOrders}
      </Link>
      {error != null && <LoadError error={error} onRetry={() => void mutate()} />}
      {order ? (
        <OwnOrder
          order={order}
          onChange={(to) => void mutate((now) => (now && now.version > to.version ? now : to), { revalidate: false })}
          progress={flashing(id, "card")}
        />
      ) : (
        error == null && <p className="loading">{common.loading}</p>
      )}
    </>
  );
}
