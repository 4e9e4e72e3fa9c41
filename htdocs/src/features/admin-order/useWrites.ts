import { useCallback, useRef, useState } from "react";
import type { KeyedMutator } from "swr";
import type { Order } from "../../shared/api/types";
import { useToast } from "../../shared/ui/ToastContext";
import { strings } from "../../strings/adminOrder";
import { foresee, paymentIsFinal, send, type Wanted } from "./wanted";

/** A change that was not made. */
export interface Refusal {
  wanted: Wanted;
  error: unknown;
  /** The version that was shown when it was tried. */
  since: number;
}

/** Changes the order at once on the screen, and takes that back if the server refuses. One change at a time: a double click is one. */
export function useWrites(order: Order, mutate: KeyedMutator<Order>) {
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const underWay = useRef(false);
  const latest = useRef(order);
  latest.current = order;

  const write = useCallback(
    async (wanted: Wanted): Promise<boolean> => {
      if (underWay.current) return false;
      underWay.current = true;
      setBusy(true);
      setRefusal(undefined);
      const shown = latest.current;
      try {
        await mutate(send(shown, wanted), {
          optimisticData: foresee(shown, wanted),
          rollbackOnError: true,
          revalidate: false,
        });
        toast({ text: toastOf(wanted), undo: undoOf(shown, wanted, write) });
        return true;
      } catch (error) {
        toast({ text: strings.toastFailed, tone: "bad" });
        await mutate().catch(() => undefined);
        setRefusal({ wanted, error, since: shown.version });
        return false;
      } finally {
        underWay.current = false;
        setBusy(false);
      }
    },
    [mutate, toast],
  );
  return { write, busy, refusal, dismiss: useCallback(() => setRefusal(undefined), []) };
}

function toastOf(wanted: Wanted) {
  if (wanted.kind === "status") return strings.toastStatus[wanted.change.status];
  return wanted.paymentReceived ? strings.toastPaid : strings.toastUnpaid;
}

/** No move leads back, but the payment's switch does, until it is final. */
function undoOf(order: Order, wanted: Wanted, write: (wanted: Wanted) => Promise<boolean>) {
  if (wanted.kind !== "payment" || (wanted.paymentReceived && paymentIsFinal(order))) return undefined;
  return () => void write({ kind: "payment", paymentReceived: !wanted.paymentReceived });
}
