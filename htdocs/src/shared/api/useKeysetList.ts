import { useCallback, useMemo } from "react";
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

/** A list of the API, page by page; `path` is with its query, null asks nothing. */
export function useKeysetList<Row extends Versioned>(path: string | null): KeysetList<Row> {
  const { data, error, size, setSize, mutate, isLoading } = useSWRInfinite<Page<Row>>(
    (index: number, before: Page<Row> | null) => {
      if (path === null || index === 0) return path;
      return before?.next ? `${path}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(before.next)}` : null;
    },
    { revalidateFirstPage: false, keepPreviousData: true },
  );

  const patch = useCallback(
    (row: Row) =>
      void mutate(
        (pages) =>
          pages?.map((page) => ({ ...page, data: page.data.map((each) => (isNewer(row, each) ? row : each)) })),
        { revalidate: false },
      ),
    [mutate],
  );
  const prepend = useCallback(
    (rows: Row[]) =>
      void mutate(
        (pages) => {
          const [first, ...rest] = pages ?? [];
          if (!first) return pages;
          const known = new Set(pages?.flatMap((page) => page.data.map((each) => each.id)));
          return [{ ...first, data: [...rows.filter((each) => !known.has(each.id)), ...first.data] }, ...rest];
        },
        { revalidate: false },
      ),
    [mutate],
  );
  const rows = useMemo(() => uniqueRows(data ?? []), [data]);
  return {
    rows,
    error,
    loading: isLoading && rows.length === 0,
    loadingMore: size > (data?.length ?? 0),
    hasMore: Boolean(data?.at(-1)?.next),
    more: useCallback(() => void setSize((n) => n + 1), [setSize]),
    refresh: useCallback(() => mutate(), [mutate]),
    patch,
    prepend,
  };
}

function isNewer<Row extends Versioned>(row: Row, than: Row) {
  return row.id === than.id && (row.version ?? 0) >= (than.version ?? 0);
}

/** Pages that were fetched at different times may share a row. */
function uniqueRows<Row extends Versioned>(pages: Page<Row>[]): Row[] {
  return [...new Map(pages.flatMap((page) => page.data).map((row) => [row.id, row])).values()];
}
