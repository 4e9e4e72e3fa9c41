import { useRef, useState } from "react";
import { http } from "../../shared/api/http";
import type { Order, OrderRequest } from "../../shared/api/types";
import { leavesOpen, nextAttempt } from "./attempt";
import type { Attempt } from "./draft";
import type { DraftValue } from "./useDraft";

export interface Failure {
  error: unknown;
  /** What was sent. */
  attempt: Attempt;
}

/** Sends the order: one at a time, and each content once, however often it is tried. */
export function usePlaceOrder({ latest, change, finish }: DraftValue, onPlaced: (order: Order) => void) {
  const [placing, setPlacing] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const busy = useRef(false);

  async function place(body: OrderRequest): Promise<Failure | null> {
    if (busy.current) return null;
    busy.current = true;
    setPlacing(true);
    setFailure(null);
    const attempt = nextAttempt(body, latest().attempt);
    // Kept before it is sent: a page that is closed meanwhile still knows of it.
    change((draft) => ({ ...draft, attempt }));
    try {
      const { data } = await http.post<Order>("/orders", attempt.body, { headers: { "Idempotency-Key": attempt.key } });
      finish();
      onPlaced(data);
      return null;
    } catch (error) {
      change((draft) => ({ ...draft, attempt: afterwards(attempt, error) }));
      const failed = { error, attempt };
      setFailure(failed);
      return failed;
    } finally {
      busy.current = false;
      setPlacing(false);
    }
  }
  return { placing, failure, place };
}

function afterwards(attempt: Attempt, error: unknown): Attempt | undefined {
  // The key belongs to an order that was placed with it: the next one needs another.
  if (error instanceof Error && "code" in error && error.code === "idempotency-key-reused") return undefined;
  return { ...attempt, open: leavesOpen(error) };
}
