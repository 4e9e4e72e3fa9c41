import { strings as common } from "../../strings/common";
import { strings } from "../../strings/customer";
import { ApiError, NO_ANSWER, toMessage } from "../api/http";
import type { OrderRow } from "../api/types";

/** Why a customer's order was not cancelled, and what it is now. */
export function cancelFailure({ number }: OrderRow, error: unknown): string {
  if (!(error instanceof ApiError)) return strings.cancelFailed(number, toMessage(error));
  const { code, problem } = error;
  if (code === NO_ANSWER || code === "outcome-unknown") return strings.cancelUnknown(number);
  const now = problem.currentStatus ?? problem.from;
  if (code === "version-mismatch" && now === "pending") return strings.cancelChanged(number);
  if ((code === "version-mismatch" || code === "invalid-transition") && now)
    return strings.cancelLost(number, common.status[now]);
  return strings.cancelFailed(number, toMessage(error));
}
