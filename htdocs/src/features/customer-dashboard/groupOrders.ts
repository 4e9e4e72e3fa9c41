import type { OrderRow, OrderStatus } from "../../shared/api/types";

const OPEN: readonly OrderStatus[] = ["pending", "processing", "shipped"];

export const isOpen = (order: OrderRow) => OPEN.includes(order.status);

/** Orders in progress first. One that was shown there (`seen`) stays when it comes to its end: nothing moves away under the reader's eyes or pointer. */
export function groupOrders<Row extends OrderRow>(rows: Row[], seen: ReadonlySet<string>) {
  const isCurrent = (row: Row) => isOpen(row) || seen.has(row.id);
  return { current: rows.filter(isCurrent), earlier: rows.filter((row) => !isCurrent(row)) };
}
