import type { HistoryEntry, OrderStatus } from "../shared/api/types";

const did: Record<NonNullable<HistoryEntry["to"]>, string> = {
  pending: "placed the order",
  processing: "started processing it",
  shipped: "marked it shipped",
  delivered: "marked it delivered",
  returned: "marked it returned",
  cancelled: "cancelled it",
  paid: "recorded the payment",
  unpaid: "took the payment back",
};
const become: Record<OrderStatus, string> = {
  pending: "be put back to pending",
  processing: "be processed",
  shipped: "be marked shipped",
  delivered: "be marked delivered",
  returned: "be marked returned",
  cancelled: "be cancelled",
};
const is: Record<OrderStatus, string> = {
  pending: "pending",
  processing: "being processed",
  shipped: "shipped",
  delivered: "delivered",
  returned: "returned",
  cancelled: "cancelled",
};

export const strings = {
  /** "Ada marked it shipped", said of one's own doings too: they may have been done in another window. */
  did: (name: string, to: keyof typeof did) => `${name} ${did[to]}`,
  you: (name: string) => `${name} (you)`,
  somebody: "Somebody",
  momentAgo: "a moment ago",
  andThen: ", then ",
  placed: (when: string) => `Placed ${when}`,
  lastChange: "Last change",

  notFound: "Order not found",
  notFoundHint: "No order has this address. It may be mistyped.",
  allOrders: "Go to all orders",
  stale: "This may be out of date.",

  next: "Next step",
  finished: "This order has reached its end.",
  note: "Note",
  noteHint: "Goes with your next change. The customer can read it.",
  payment: "Payment received",
  paymentFinal: (status: OrderStatus) => `The order is ${is[status]}: its payment can't be taken back.`,

  customer: "Customer",
  address: "Delivery address",
  noAddress: "None given",
  timeline: "Timeline",
  reason: "Reason",

  toastStatus: {
    pending: "Order pending",
    processing: "Processing started",
    shipped: "Order shipped",
    delivered: "Order delivered",
    returned: "Order returned",
    cancelled: "Order cancelled",
  },
  toastPaid: "Payment recorded",
  toastUnpaid: "Payment taken back",
  toastFailed: "Nothing changed",

  conflict: (who: string) => `${who}. Your change was not made.`,
  changedBy: (name: string, status: OrderStatus) => `${name} changed this order. It is ${is[status]} now`,
  applyAgain: "Apply again",
  stillAllowed: (what: string) => `Look at the order as it is now. You can still do it: ${what}.`,
  alreadyIs: (status: OrderStatus) => `It is ${is[status]} already: nothing is left to do.`,
  alreadyPaid: "The payment is recorded already: nothing is left to do.",
  alreadyUnpaid: "The payment is taken back already: nothing is left to do.",
  notAllowedNow: (status: OrderStatus) => `It can't ${become[status]} any more.`,
  paymentWanted: (received: boolean) => (received ? "Record the payment" : "Take the payment back"),

  paymentRequired: 'It isn\'t paid yet. Switch on "Payment received" first, then mark it shipped.',
  invalidTransition: (from: OrderStatus, to: OrderStatus) => `It is ${is[from]} and can't ${become[to]}.`,
  unclearDone: "No answer came, but the change was made.",
  unclear: "No answer came, so it isn't certain whether the change was made. Look at the order as it is below.",
  busy: (wait: string) => `Nothing was changed. Try again ${wait}.`,
} as const;
