import { ApiError, NO_ANSWER, toMessage } from "../../shared/api/http";
import type { Order } from "../../shared/api/types";
import { formatWait } from "../../shared/format/format";
import { strings } from "../../strings/adminOrder";
import { standing, type Wanted } from "./wanted";

/** Why it was not done and what to do about it; for all but a conflict of versions. */
export function explainRefusal(error: unknown, order: Order, wanted: Wanted): string {
  if (!(error instanceof ApiError)) return toMessage(error);
  const { code, problem, retryAfter } = error;
  if (code === "payment-required") return strings.paymentRequired;
  if (code === "payment-final") return strings.paymentFinal(order.status);
  if (code === "invalid-transition" && wanted.kind === "status")
    return strings.invalidTransition(problem.from ?? order.status, wanted.change.status);
  if (code === NO_ANSWER || code === "outcome-unknown")
    return standing(order, wanted) === "done" ? strings.unclearDone : strings.unclear;
  if (retryAfter) return `${toMessage(error)} ${strings.busy(formatWait(retryAfter))}`;
  return toMessage(error);
}

/** Whether trying the same again makes sense. It is safe in any case: the version that was shown goes with it. */
export function mayPass(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}
