import { strings } from "../../strings/common";
import type { OrderStatus } from "../api/types";

export function StatusWord({ status }: { status: OrderStatus }) {
  return <span className={`status status-${status}`}>{strings.status[status]}</span>;
}
