import { useState } from "react";
import type { OrderRow, OrderStatus, StatusChange } from "../../shared/api/types";
import { moveEffect } from "../../shared/order/moveEffect";
import { useToast } from "../../shared/ui/ToastContext";
import { strings } from "../../strings/adminDashboard";
import type { Outcome } from "./moveAll";

interface BulkOptions {
  move: (orders: OrderRow[], change: StatusChange) => Promise<Outcome>;
  /** An outcome isn't sure: what is shown has to be fetched. */
  refresh: () => void;
  /** These stay selected. */
  onDone: (failed: OrderRow[]) => void;
}

/** From a move's button to its result: asks first where goods or money are at stake, and tells what was done. */
export function useBulk({ move, refresh, onDone }: BulkOptions) {
  const [asking, setAsking] = useState<{ orders: OrderRow[]; to: OrderStatus }>();
  const [outcome, setOutcome] = useState<Outcome>();
  const toast = useToast();

  const run = async (orders: OrderRow[], change: StatusChange) => {
    const result = await move(orders, change);
    const first = orders.length === 1 ? orders[0] : undefined;
    if (result.failed.length > 0) setOutcome(result);
    else toast({ text: strings.moved(first?.number ?? strings.orders(orders.length), change.status) });
    if (result.unsure) refresh();
    onDone(result.failed.map(({ order }) => order));
  };
  return {
    start: (orders: OrderRow[], to: OrderStatus) => {
      if (to === "cancelled" || to === "returned") setAsking({ orders, to });
      else void run(orders, { status: to });
    },
    asking,
    /** Only what the dialog named is moved. */
    confirm: (change: StatusChange) => {
      setAsking(undefined);
      if (asking) void run(moveEffect(asking.orders, asking.to).moving, change);
    },
    giveUp: () => setAsking(undefined),
    outcome,
    closeOutcome: () => setOutcome(undefined),
  };
}
