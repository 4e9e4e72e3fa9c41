import type { OrderRow, OrderStatus } from "./types";

/* Live events are the same for all viewers and don't say what this one may do next with the order: `allowedTransitions` is missing. The API's answers have it, and
   for one viewer it depends on the status alone: what an answer said of one order holds for the next of that status. */

const known = new Map<OrderStatus, OrderStatus[]>();

/** From any answer: an order, a page of orders, or something else. */
export function rememberMoves(answer: unknown) {
  if (Array.isArray(answer)) for (const each of answer) rememberMoves(each);
  else if (typeof answer === "object" && answer !== null) {
    const { status, allowedTransitions, data } = answer as Partial<OrderRow> & { data?: unknown };
    if (status && Array.isArray(allowedTransitions)) known.set(status, allowedTransitions);
    else if (Array.isArray(data)) rememberMoves(data);
  }
}

/** Another viewer may do other things. */
export const forgetMoves = () => known.clear();

export const knowsMoves = (status: OrderStatus) => known.has(status);

/** The order of a live event, with what may be done next as far as that is known. */
export function withMoves(order: Omit<OrderRow, "allowedTransitions"> & Partial<OrderRow>): OrderRow {
  return { ...order, allowedTransitions: order.allowedTransitions ?? known.get(order.status) ?? [] };
}
