import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { LiveEvent } from "../api/types";
import { useSession } from "../session/SessionContext";
import { createLiveSocket, type LiveStatus } from "./liveSocket";

export interface LiveListener {
  /** Each event once, an order's in the order of its versions. */
  onEvent?: (event: LiveEvent) => void;
  /** Something may have been missed: fetch again what is shown. Also each 15 seconds while the connection is down for longer. */
  onRefetch?: () => void;
}

const LiveContext = createContext<{ status: LiveStatus; listen: (listener: LiveListener) => () => void } | null>(null);

export function LiveProvider({ children }: { children: ReactNode }) {
  const { session, refresh } = useSession();
  const [status, setStatus] = useState<LiveStatus>("signed-out");
  const listeners = useRef(new Set<LiveListener>());
  const userId = session.state === "in" ? session.user.id : undefined;
  const role = session.state === "in" ? session.user.role : undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another role is another viewer
  useEffect(() => {
    if (!userId) {
      setStatus("signed-out");
      return;
    }
    const socket = createLiveSocket({
      onEvent: (event) => {
        for (const each of [...listeners.current]) each.onEvent?.(event);
      },
      onRefetch: () => {
        for (const each of [...listeners.current]) each.onRefetch?.();
      },
      onStatus: setStatus,
      onSignedOut: () => void refresh(),
    });
    return () => socket.close();
  }, [userId, role, refresh]);

  const listen = useCallback((listener: LiveListener) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  const value = useMemo(() => ({ status, listen }), [status, listen]);
  return <LiveContext value={value}>{children}</LiveContext>;
}

function useLive() {
  const value = use(LiveContext);
  if (!value) throw new Error("useLive needs a LiveProvider");
  return value;
}

export function useLiveStatus(): LiveStatus {
  return useLive().status;
}

/** Calls the listener's present functions as long as the component is shown. */
export function useLiveListener(listener: LiveListener) {
  const { listen } = useLive();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(
    () =>
      listen({ onEvent: (event) => latest.current.onEvent?.(event), onRefetch: () => latest.current.onRefetch?.() }),
    [listen],
  );
}
