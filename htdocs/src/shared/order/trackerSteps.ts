import type { HistoryEntry, OrderRow, OrderStatus } from "../api/types";

export type TrackedOrder = OrderRow & { history?: HistoryEntry[] };

export interface TrackerStep {
  status: OrderStatus;
  state: "done" | "current" | "to-come";
  /** As far as they are known. */
  at?: string;
  by?: string;
  reason?: string;
}

type PathStep = Omit<TrackerStep, "state">;

const FLOW: readonly OrderStatus[] = ["pending", "processing", "shipped", "delivered"];
/** A cancelled order may have been in processing, a returned one delivered: only a history tells. */
const BEHIND_THE_END: Partial<Record<OrderStatus, readonly OrderStatus[]>> = {
  cancelled: ["pending"],
  returned: ["pending", "processing", "shipped"],
};

/** The path the order has really taken, where it stands now, and what is to come. */
export function trackerSteps(order: TrackedOrder): TrackerStep[] {
  const path = order.history ? pathOf(order.history) : certainPath(order);
  // A row may be ahead of the history that came with an earlier version.
  if (path.at(-1)?.status !== order.status) path.push({ status: order.status });
  const taken = path.map<TrackerStep>((step, i) => ({ ...step, state: i < path.length - 1 ? "done" : "current" }));
  return [...taken, ...stepsAfter(order.status).map<TrackerStep>((status) => ({ status, state: "to-come" }))];
}

function pathOf(history: HistoryEntry[]): PathStep[] {
  return history
    .filter((entry) => entry.type !== "order:payment")
    .map((entry) => ({
      status: (entry.to ?? "pending") as OrderStatus,
      at: entry.at,
      by: entry.actor.name,
      reason: entry.reason,
    }));
}

/** Without a history: the steps that every order in this status has behind it. */
function certainPath(order: OrderRow): PathStep[] {
  const behind: readonly OrderStatus[] = BEHIND_THE_END[order.status] ?? FLOW.slice(0, FLOW.indexOf(order.status));
  return [...behind, order.status].map((status) =>
    status === "pending" ? { status, at: order.createdAt } : { status },
  );
}

function stepsAfter(status: OrderStatus): readonly OrderStatus[] {
  const place = FLOW.indexOf(status);
  return place < 0 ? [] : FLOW.slice(place + 1);
}

/** When the payment came, where the history tells. */
export function paidAt(order: TrackedOrder): string | undefined {
  return order.history?.findLast((entry) => entry.type === "order:payment" && entry.to === "paid")?.at;
}
