import { strings } from "../../strings/common";
import type { HistoryEntry, OrderRow } from "../api/types";
import { StatusWord } from "./StatusWord";

/** Where an order stands: its steps with their times, as far as the history is known. */
export function StatusTracker({ order }: { order: OrderRow & { history?: HistoryEntry[] } }) {
  return (
    <ol aria-label={strings.progress}>
      <li aria-current="step">
        <StatusWord status={order.status} />
      </li>
    </ol>
  );
}
