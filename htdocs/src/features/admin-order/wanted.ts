import type { Order, StatusChange } from "../../shared/api/types";
import { setPayment, setStatus } from "../../shared/order/orderMoves";
import { strings } from "../../strings/adminOrder";
import { strings as common } from "../../strings/common";

/** What an admin wants to do to an order; kept while it is tried, to be tried again. */
export type Wanted =
  | { kind: "status"; change: StatusChange }
  | { kind: "payment"; paymentReceived: boolean; note?: string };

export function send(order: Order, wanted: Wanted): Promise<Order> {
  return wanted.kind === "status"
    ? setStatus(order, wanted.change)
    : setPayment(order, wanted.paymentReceived, wanted.note);
}

/** The order as it will be if nothing comes between. Its version and history are the server's to tell. */
export function foresee(order: Order, wanted: Wanted): Order {
  if (wanted.kind === "payment") return { ...order, paymentReceived: wanted.paymentReceived };
  const { status } = wanted.change;
  const refundDue = order.refundDue || ((status === "cancelled" || status === "returned") && order.paymentReceived);
  return { ...order, status, refundDue };
}

/** Whether the payment could be taken back: until the order is shipped or has ended. */
export const paymentIsFinal = (order: Order) => order.status !== "pending" && order.status !== "processing";

/** Whether it is so already, may still be done, or can't be any more. */
export function standing(order: Order, wanted: Wanted): "done" | "possible" | "impossible" {
  if (wanted.kind === "status") {
    if (order.status === wanted.change.status) return "done";
    return order.allowedTransitions.includes(wanted.change.status) ? "possible" : "impossible";
  }
  if (order.paymentReceived === wanted.paymentReceived) return "done";
  return !wanted.paymentReceived && paymentIsFinal(order) ? "impossible" : "possible";
}

/** "Mark shipped". */
export function nameOf(wanted: Wanted): string {
  return wanted.kind === "status"
    ? common.transition[wanted.change.status]
    : strings.paymentWanted(wanted.paymentReceived);
}

/** The sentence to a standing. */
export function explainStanding(order: Order, wanted: Wanted): string {
  const where = standing(order, wanted);
  if (where === "possible") return strings.stillAllowed(nameOf(wanted));
  if (wanted.kind === "status")
    return where === "done" ? strings.alreadyIs(wanted.change.status) : strings.notAllowedNow(wanted.change.status);
  if (where === "impossible") return strings.paymentFinal(order.status);
  return wanted.paymentReceived ? strings.alreadyPaid : strings.alreadyUnpaid;
}
