import { strings as common } from "./common";

export const strings = {
  yourOrders: "Your orders",
  newOrder: "New order",
  empty: "No orders yet",
  emptyHint: "What you order shows up here, and you can follow it until it is delivered.",
  placeFirst: "Place your first order",
  current: "In progress",
  earlier: "Earlier orders",
  olderNotLoaded: "The search for open orders ended here. Older ones come with “Show more” below.",
  nothingCurrent: "None of your orders is on its way right now.",
  placed: (when: string) => `Placed ${when}`,
  /** "2 × Tea, 1 × Cup and 3 more". */
  line: (quantity: number, name: string) => `${quantity} × ${name}`,
  andMore: (lines: string, more: number) => `${lines} and ${more} more`,
  total: "Total",
  reorder: "Reorder",
  refundDue: "Refund due",
  cancelled: "Order cancelled",
  cancelLost: (number: string, status: string) =>
    `${number} is ${status.toLowerCase()} by now and can't be cancelled any more.`,
  cancelChanged: (number: string) =>
    `${number} was not cancelled: it has just been changed. Look at it again, then cancel it if you still want to.`,
  cancelUnknown: (number: string) =>
    `The shop didn't answer, so ${number} may or may not be cancelled. What you see is what we know; try again in a moment.`,
  cancelFailed: (number: string, reason: string) => `${number} was not cancelled: ${reason}`,
  order: "Order",
  noSuchOrder: "No such order",
  noSuchOrderHint: "There is no order of yours at this address.",
  progress: "Progress",
  deliverTo: "Delivery address",
  noAddress: "No delivery address was given.",
  more: common.more,
} as const;
