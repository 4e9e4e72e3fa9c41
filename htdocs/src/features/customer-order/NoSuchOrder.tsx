import { Link } from "wouter";
import { strings } from "../../strings/customer";

export function NoSuchOrder() {
  return (
    <div className="empty">
      <h1>{strings.noSuchOrder}</h1>
      <p>{strings.noSuchOrderHint}</p>
      <Link href="/">{strings.yourOrders}</Link>
    </div>
  );
}
