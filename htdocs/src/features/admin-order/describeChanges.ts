import type { ApiError } from "../../shared/api/http";
import type { HistoryEntry, Order } from "../../shared/api/types";
import { formatAgo } from "../../shared/format/format";
import { strings } from "../../strings/adminOrder";

/** "Ada marked it shipped". */
export function describeEntry(entry: HistoryEntry, myId: string): string {
  const { id, name } = entry.actor;
  return strings.did(id === myId ? strings.you(name) : name, entry.to ?? "pending");
}

/** "5 min. ago"; "a moment ago" within the first minute. */
export function sayWhen(at: string, now = Date.now()): string {
  return now - Date.parse(at) < 60_000 ? strings.momentAgo : formatAgo(at, now);
}

/** What happened to the order after the version that was shown: "Ada recorded the payment 5 min. ago, then Bob marked it shipped a moment ago". */
export function describeSince(order: Order, since: number, myId: string, now = Date.now()): string | undefined {
  const entries = order.history.filter((entry) => entry.version > since);
  if (entries.length === 0) return undefined;
  return entries.map((entry) => `${describeEntry(entry, myId)} ${sayWhen(entry.at, now)}`).join(strings.andThen);
}

/** The conflict's first half: from the history where it could be had, else from what the refusal itself says. */
export function describeConflict(order: Order, since: number, error: ApiError, myId: string, now = Date.now()): string {
  const { changedBy, currentStatus } = error.problem;
  return (
    describeSince(order, since, myId, now) ??
    strings.changedBy(changedBy?.name ?? strings.somebody, currentStatus ?? order.status)
  );
}
