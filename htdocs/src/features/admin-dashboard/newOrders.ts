import type { OrderEvent, OrderRow } from "../../shared/api/types";
import type { Filters } from "./filters";
import { matches } from "./matches";

/** The orders that wait behind the pill after an event: new ones that the filter lets through, as they are by now, the newest first. */
export function collect(waiting: OrderRow[], { type, data }: OrderEvent, filters: Filters): OrderRow[] {
  const known = waiting.find((each) => each.id === data.id);
  if (!known && type !== "order:new") return waiting;
  if (known && known.version >= data.version) return waiting;
  const others = waiting.filter((each) => each !== known);
  return matches(filters, data)
    ? [...others, data].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id))
    : others;
}
