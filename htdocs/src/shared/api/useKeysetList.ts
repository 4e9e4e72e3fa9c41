import { useCallback, useEffect, useRef, useState } from "react";
import useSWR, { unstable_serialize, useSWRConfig } from "swr";
import {
  createKeysetLoader,
  type KeysetLoader,
  type LoadedList,
  type LoaderState,
  type Versioned,
} from "./keysetLoader";
import type { Page } from "./types";

export interface KeysetList<Row> {
  rows: Row[];
  /** Why the last request failed; gone with the next one that works. */
  error: unknown;
  /** Nothing is there to be shown yet. */
  loading: boolean;
  loadingMore: boolean;
  hasMore: boolean;
  /** The rows are still those of the path before. */
  stale: boolean;
  more: () => void;
  /** Fetches every page that is shown again. */
  refresh: () => Promise<void>;
  /** Puts a newer version of a row in its place; other rows, and older versions, change nothing. */
  patch: (row: Row) => void;
  /** Puts rows in front that are not there yet. */
  prepend: (rows: Row[]) => void;
}

const NO_ROWS: never[] = [];
const cacheKey = (path: string) => ["list", path] as const;

/**
 * A list of the API, page by page; `path` is with its query, null asks nothing. It is kept in SWR's cache: a page that one comes back to shows its list
 * at once and then fetches it again. While another path's rows are on their way, those of the path before stay.
 */
export function useKeysetList<Row extends Versioned>(path: string | null): KeysetList<Row> {
  const { cache, mutate, fetcher } = useSWRConfig();
  const { data } = useSWR<LoadedList<Row>>(path === null ? null : cacheKey(path), {
    fetcher: undefined,
    keepPreviousData: true,
  });
  const [activity, setActivity] = useState<LoaderState & { path?: string }>({});
  const loader = useRef<KeysetLoader<Row>>(undefined);
  const fetchPage = useRef(fetcher);
  fetchPage.current = fetcher;

  useEffect(() => {
    if (path === null) return;
    const key = cacheKey(path);
    const own = createKeysetLoader<Row>(
      path,
      {
        fetch: async (url, signal) => fetchPage.current?.(url, { signal }) as Promise<Page<Row>>,
        read: () => cache.get(unstable_serialize(key))?.data as LoadedList<Row> | undefined,
        write: (list) => void mutate(key, list, { revalidate: false }),
      },
      (state) => setActivity({ ...state, path }),
    );
    loader.current = own;
    void own.refresh();
    return () => {
      own.end();
      loader.current = undefined;
    };
  }, [path, cache, mutate]);

  const { busy, error } = activity.path === path ? activity : ({} as LoaderState);
  const stale = path !== null && data !== undefined && data.path !== path;
  // Rows of another path beside this path's error would pass for its answer.
  const list = path === null || (stale && error) ? undefined : data;
  return {
    rows: list?.rows ?? NO_ROWS,
    error,
    loading: path !== null && !list && (!error || busy === "all"),
    loadingMore: busy === "more",
    hasMore: !stale && Boolean(list?.next),
    stale,
    more: useCallback(() => void loader.current?.more(), []),
    refresh: useCallback(async () => loader.current?.refresh(), []),
    patch: useCallback((row: Row) => loader.current?.patch(row), []),
    prepend: useCallback((rows: Row[]) => loader.current?.prepend(rows), []),
  };
}
