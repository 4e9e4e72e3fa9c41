import { useCallback, useEffect, useRef, useState } from "react";
import useSWR from "swr";
import { http } from "../../shared/api/http";
import type { Health, OrderRow, Page, Stats } from "../../shared/api/types";
import { useLiveListener } from "../../shared/live/LiveContext";
import { dayOf, lastDays, startOf, zone } from "./days";

export const DAYS = 30;
/** The server itself keeps figures for two seconds. */
const SHORTEST_WAIT = 4_000;
const A_MOMENT = 500;
const MINUTE = 60_000;

const OLDEST = "/orders/admin?status=pending&sort=createdAt&limit=1";
const HEALTH = "/healthz?ready=1";

export interface Figures {
  /** Ages are counted from here; moves on by itself. */
  now: number;
  days: string[];
  today: Stats | undefined;
  month: Stats | undefined;
  /** Null: no order waits. */
  oldest: OrderRow | null | undefined;
  health: Health | undefined;
  error: unknown;
  refresh: () => void;
}

/** What the tiles, the chart and the counts show, kept fresh by live events. */
export function useFigures(): Figures {
  const now = useNow();
  const days = lastDays(DAYS, dayOf(new Date(now)));
  const today = useSWR<Stats>(statsSince(days.at(-1) ?? ""), { keepPreviousData: true });
  const month = useSWR<Stats>(statsSince(days[0] ?? ""), { keepPreviousData: true });
  const oldest = useSWR<Page<OrderRow>>(OLDEST);
  // Viewers come and go without an event.
  const health = useSWR<Health>(HEALTH, fetchHealth, { refreshInterval: MINUTE / 2 });

  const refresh = () => {
    for (const each of [today, month, oldest, health]) void each.mutate();
  };
  const soon = useSoon(refresh);
  useLiveListener({ onEvent: soon, onRefetch: refresh });
  return {
    now,
    days,
    today: today.data,
    month: month.data,
    oldest: oldest.data && (oldest.data.data[0] ?? null),
    health: health.error ? undefined : health.data,
    error: today.error ?? month.error ?? oldest.error,
    refresh,
  };
}

const statsSince = (day: string) =>
  `/orders/admin/stats?${new URLSearchParams({ from: startOf(day).toISOString(), tz: zone() })}`;

const fetchHealth = async (path: string) => (await http.get<Health>(path, { baseURL: "/" })).data;

function useNow() {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Runs a moment after it is called, however often that is, and never again before some seconds have passed. */
function useSoon(run: () => void) {
  const latest = useRef(run);
  latest.current = run;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const last = useRef(0);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return useCallback(() => {
    timer.current ??= setTimeout(
      () => {
        timer.current = undefined;
        last.current = Date.now();
        latest.current();
      },
      Math.max(A_MOMENT, last.current + SHORTEST_WAIT - Date.now()),
    );
  }, []);
}
