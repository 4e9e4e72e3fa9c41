import type { OrderStatus } from "../shared/api/types";
import { strings as common } from "./common";

const orders = (n: number) => (n === 1 ? "1 order" : `${n} orders`);

/** What a move does to the orders, in the dialog that asks for it. */
const does: Record<OrderStatus, (what: string) => string> = {
  pending: (what) => `Puts ${what} back to pending`,
  processing: (what) => `Starts processing ${what}`,
  shipped: (what) => `Marks ${what} shipped`,
  delivered: (what) => `Marks ${what} delivered`,
  returned: (what) => `Marks ${what} returned`,
  cancelled: (what) => `Cancels ${what}`,
};

export const strings = {
  orders,
  does,
  /** The dialog's title, and for several orders the name of the button too. */
  title: (to: OrderStatus, what: string) =>
    ({
      pending: `Put ${what} back to pending`,
      processing: `Start processing ${what}`,
      shipped: `Mark ${what} shipped`,
      delivered: `Mark ${what} delivered`,
      returned: `Mark ${what} returned`,
      cancelled: `Cancel ${what}`,
    })[to],
  effect: (doing: string, effects: string[]) => (effects.length > 0 ? `${doing}: ${effects.join(", ")}` : doing),
  unitsBack: (n: number) => `returns ${common.units(n)} to stock`,
  unitsLeave: (n: number) => `${common.units(n)} leave${n === 1 ? "s" : ""} the shop`,
  refundDue: (sum: string) => `refund due ${sum}`,
  staying: (n: number, status: string) =>
    n === 1
      ? `1 order can't become ${status.toLowerCase()} and stays as it is.`
      : `${n} orders can't become ${status.toLowerCase()} and stay as they are.`,
  final: "This can't be undone.",
  restock: "Can the goods be sold again?",
  restockYes: (n: number) => `Yes, put ${common.units(n)} back into stock`,
  restockNo: "No, keep them out of stock",
  restockNeeded: "Say whether the goods go back into stock.",
  reason: "Reason",
  reasonHint: "The customer can read it in the order's history.",
  keep: (n: number) => (n === 1 ? "Keep order" : "Keep orders"),
} as const;
