import { Link } from "wouter";
import { EmptyState } from "../../shared/ui/EmptyState";
import { useTitle } from "../../shared/ui/useTitle";
import { strings } from "../../strings/customer";

export function NoSuchOrder() {
  useTitle(strings.noSuchOrder);
  return (
    <EmptyState title={strings.noSuchOrder} page>
      <p>{strings.noSuchOrderHint}</p>
      <Link href="/">{strings.yourOrders}</Link>
    </EmptyState>
  );
}
