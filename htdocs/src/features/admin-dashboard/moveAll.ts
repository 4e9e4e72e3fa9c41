import { ApiError, NO_ANSWER, toMessage } from "../../shared/api/http";
import type { BulkResult, OrderRow, StatusChange } from "../../shared/api/types";
import { setStatusOfMany } from "../../shared/order/orderMoves";

/** As many as the API takes at once. */
export const AT_ONCE = 100;

export interface Outcome {
  done: { order: OrderRow; result: Extract<BulkResult, { ok: true }> }[];
  failed: { order: OrderRow; reason: string }[];
  /** Some may have been moved although no answer said so. */
  unsure: boolean;
}

/** Any number of orders, a hundred at a time; each stands alone. Where a request fails as a whole, the rest isn't tried. */
export async function moveAll(orders: OrderRow[], change: StatusChange): Promise<Outcome> {
  const outcome: Outcome = { done: [], failed: [], unsure: false };
  for (let start = 0; start < orders.length; start += AT_ONCE) {
    const some = orders.slice(start, start + AT_ONCE);
    try {
      sortOut(
        some,
        await setStatusOfMany(
          some.map((each) => each.id),
          change,
        ),
        outcome,
      );
    } catch (error) {
      const reason = toMessage(error);
      outcome.failed.push(...orders.slice(start).map((order) => ({ order, reason })));
      outcome.unsure ||= error instanceof ApiError && error.code === NO_ANSWER;
      break;
    }
  }
  return outcome;
}

function sortOut(orders: OrderRow[], results: BulkResult[], outcome: Outcome) {
  const byId = new Map(results.map((each) => [each.id, each]));
  for (const order of orders) {
    const result = byId.get(order.id);
    if (result?.ok) outcome.done.push({ order, result });
    else {
      outcome.failed.push({ order, reason: result?.problem.detail ?? result?.problem.title ?? "" });
      outcome.unsure ||= result?.problem.code === "outcome-unknown";
    }
  }
}
