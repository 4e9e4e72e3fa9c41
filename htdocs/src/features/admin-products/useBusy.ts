import { useCallback, useRef, useState } from "react";

/** Runs one job at a time: while one is under way, the next is dropped, so that a double click is one. */
export function useBusy() {
  const [busy, setBusy] = useState(false);
  const underWay = useRef(false);
  const run = useCallback(async (job: () => Promise<void>) => {
    if (underWay.current) return;
    underWay.current = true;
    setBusy(true);
    try {
      await job();
    } finally {
      underWay.current = false;
      setBusy(false);
    }
  }, []);
  return [busy, run] as const;
}
