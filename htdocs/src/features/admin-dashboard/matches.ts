import type { OrderRow } from "../../shared/api/types";
import { startOf } from "./days";
import type { Filters } from "./filters";

/** Whether the API's list with this filter would have the row: what a new order is told by. */
export function matches({ q, statuses, paid, from, to, minTotal }: Filters, row: OrderRow): boolean {
  const placed = Date.parse(row.createdAt);
  return (
    (statuses.length === 0 || statuses.includes(row.status)) &&
    (paid === undefined || paid === row.paymentReceived) &&
    (!from || placed >= startOf(from).getTime()) &&
    (!to || placed < startOf(to, 1).getTime()) &&
    (minTotal === undefined || row.total >= minTotal) &&
    (!q || isFoundBy(q.toLowerCase(), row))
  );
}

/** A number, an id, or the start of an e-mail address. */
const isFoundBy = (q: string, { number, id, customer }: OrderRow) =>
  number.toLowerCase() === q || id === q || customer.email.toLowerCase().startsWith(q);
