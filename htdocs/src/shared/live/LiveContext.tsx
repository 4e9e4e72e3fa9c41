import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { forgetMoves, withMoves } from "../api/knownMoves";
import type { LiveEvent } from "../api/types";
import { useSession } from "../session/SessionContext";
import { backoff } from "./backoff";
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
  const [status, setStatus] = useState<LiveStatus>("reconnecting");
  const listeners = useRef(new Set<LiveListener>());
  const { state } = session;
  const userId = session.state === "in" ? session.user.id : undefined;
  const role = session.state === "in" ? session.user.role : undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another viewer may do other things
  useEffect(forgetMoves, [userId, role]);

  const [round, setRound] = useState(0);
  const refusals = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another role is another viewer, another round another connection
  useEffect(() => {
    if (!userId) {
      if (state === "out") setStatus("signed-out");
      return;
    }
    let again: ReturnType<typeof setTimeout>;
    let over = false;
    const socket = createLiveSocket({
      onEvent: (event) => {
        const whole = event.type === "product:stock" ? event : { ...event, data: withMoves(event.data) };
        for (const each of [...listeners.current]) each.onEvent?.(whole);
      },
      onRefetch: () => {
        for (const each of [...listeners.current]) each.onRefetch?.();
      },
      onStatus: (now) => {
        if (now === "live") refusals.current = 0;
        setStatus(now);
      },
      // The connection's token is over. The session may have been renewed since: if the server still knows us, once more.
      onSignedOut: async () => {
        await refresh();
        if (!over) again = setTimeout(() => setRound((n) => n + 1), 1_000 + backoff(refusals.current++));
      },
    });
    return () => {
      over = true;
      clearTimeout(again);
      socket.close();
    };
  }, [userId, role, state, round, refresh]);

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
