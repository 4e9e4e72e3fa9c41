import { useCallback, useEffect, useMemo, useState } from "react";
import useSWRInfinite from "swr/infinite";
import type { Page } from "./types";

interface Versioned {
  id: string;
  version?: number;
}

export interface KeysetList<Row> {
  rows: Row[];
  error: unknown;
  /** Nothing is there to be shown yet. */
  loading: boolean;
  /** The rows are still those of the path before. */
  stale: boolean;
  loadingMore: boolean;
  hasMore: boolean;
  more: () => void;
  /** Fetches every page that is shown again. */
  refresh: () => Promise<unknown>;
  /** Puts a newer version of a row in its place; other rows, and older versions, change nothing. */
  patch: (row: Row) => void;
  /** Puts rows in front that are not there yet. */
  prepend: (rows: Row[]) => void;
}

/* What lies over the fetched pages. Written into SWR's cache instead, each change would make SWR throw away the answers that are just under way. */
interface Overlay<Row> {
  path: string | null;
  front: Row[];
  newer: Map<string, Row>;
}

/** A list of the API, page by page; `path` is with its query, null asks nothing. */
export function useKeysetList<Row extends Versioned>(path: string | null): KeysetList<Row> {
  const { data, error, size, setSize, mutate, isLoading } = useSWRInfinite<Page<Row>>(
    (index: number, before: Page<Row> | null) => {
      if (path === null || index === 0) return path;
      return before?.next ? `${path}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(before.next)}` : null;
    },
    { revalidateFirstPage: false, keepPreviousData: true },
  );
  const [overlay, setOverlay] = useState<Overlay<Row>>({ path, front: [], newer: new Map() });
  const change = useCallback(
    (to: (now: Overlay<Row>) => Partial<Overlay<Row>>) =>
      setOverlay((before) => {
        const now = before.path === path ? before : { path, front: [], newer: new Map() };
        return { ...now, ...to(now) };
      }),
    [path],
  );

  // What was fetched on an earlier visit is shown at once, but may be old.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is there when the path comes is from earlier
  useEffect(() => {
    if (path !== null && !isLoading) void mutate();
  }, [path]);

  const refresh = useCallback(async () => {
    await mutate();
    // The fetched pages now tell which rows are in front, and where rows have no version, they are the newest.
    change(({ newer }) => ({ front: [], newer: new Map([...newer].filter(([, row]) => row.version !== undefined)) }));
  }, [mutate, change]);

  const patch = useCallback(
    (row: Row) => change(({ newer }) => ({ newer: new Map(newer).set(row.id, newest(newer.get(row.id) ?? row, row)) })),
    [change],
  );
  const prepend = useCallback((rows: Row[]) => change(({ front }) => ({ front: [...rows, ...front] })), [change]);

  const rows = useMemo(() => {
    const { front, newer } = overlay.path === path ? overlay : { front: [], newer: new Map<string, Row>() };
    const all = uniqueRows([...front, ...(data ?? []).flatMap((page) => page.data)]);
    return newer.size === 0 ? all : all.map((row) => newest(row, newer.get(row.id) ?? row));
  }, [data, overlay, path]);
  return {
    rows,
    error,
    loading: isLoading && rows.length === 0,
    stale: isLoading && rows.length > 0,
    loadingMore: size > (data?.length ?? 0),
    hasMore: Boolean(data?.at(-1)?.next),
    more: useCallback(() => void setSize((n) => n + 1), [setSize]),
    refresh,
    patch,
    prepend,
  };
}

/** Of two states of a row; of the same version, the second. */
function newest<Row extends Versioned>(a: Row, b: Row): Row {
  return (b.version ?? 0) >= (a.version ?? 0) ? b : a;
}

/** Pages that were fetched at different times may share a row: it stays where it is first, as new as it is known. */
function uniqueRows<Row extends Versioned>(rows: Row[]): Row[] {
  const unique = new Map<string, Row>();
  for (const row of rows) unique.set(row.id, newest(unique.get(row.id) ?? row, row));
  return [...unique.values()];
}
