import { Link } from "wouter";
import { LoadError } from "../../shared/ui/Banner";
import { EmptyState } from "../../shared/ui/EmptyState";
import { useTitle } from "../../shared/ui/useTitle";
import { strings } from "../../strings/adminOrder";
import { strings as common } from "../../strings/common";
import { OrderView } from "./OrderView";
import { useFreshOrder } from "./useFreshOrder";
import "./AdminOrder.css";

export default function AdminOrder({ id }: { id: string }) {
  const { order, error, mutate } = useFreshOrder(id);
  if (order) return <OrderView order={order} mutate={mutate} error={error} />;
  if (error?.status === 404) return <OrderNotFound />;
  if (error) return <LoadError error={error} onRetry={() => void mutate()} />;
  return <p className="loading">{common.loading}</p>;
}

function OrderNotFound() {
  useTitle(strings.notFound);
  return (
    <>
      <h1>{strings.notFound}</h1>
      <EmptyState title={strings.notFoundHint}>
        <Link href="/admin">{strings.allOrders}</Link>
      </EmptyState>
    </>
  );
}
