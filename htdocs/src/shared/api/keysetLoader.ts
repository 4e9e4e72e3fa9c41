import type { Page } from "./types";

export interface Versioned {
  id: string;
  version?: number;
}

/** What is known of a list: the rows of its first pages, and the cursor of the page that follows. */
export interface LoadedList<Row> {
  path: string;
  rows: Row[];
  pages: number;
  next: string | null;
}

/** Where pages come from, and where the list is kept. */
export interface ListStore<Row> {
  fetch: (path: string, signal: AbortSignal) => Promise<Page<Row>>;
  read: () => LoadedList<Row> | undefined;
  write: (list: LoadedList<Row>) => void;
}

export interface LoaderState {
  busy?: "all" | "more";
  error?: unknown;
}

export type KeysetLoader<Row extends Versioned> = ReturnType<typeof createKeysetLoader<Row>>;

/** Loads one list, one request after the other. A row that comes by a live event while a request is under way wins over its answer, which may be older. */
export function createKeysetLoader<Row extends Versioned>(
  path: string,
  { fetch, read, write }: ListStore<Row>,
  onState: (state: LoaderState) => void,
) {
  const ended = new AbortController();
  const late = new Map<string, { row: Row; added: boolean }>();
  let queue = Promise.resolve();
  let queued = 0;
  let error: unknown;

  function enqueue(busy: "all" | "more", job: () => Promise<void>) {
    queued += 1;
    queue = queue.then(async () => {
      if (ended.signal.aborted) return;
      onState({ busy, error });
      try {
        await job();
        error = undefined;
      } catch (cause) {
        error = cause;
      }
      queued -= 1;
      if (queued === 0) late.clear();
      if (!ended.signal.aborted) onState({ error });
    });
    return queue;
  }

  async function fetchPage(after?: string | null): Promise<Page<Row>> {
    const cursor = after ? `${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(after)}` : "";
    const page = await fetch(path + cursor, ended.signal);
    ended.signal.throwIfAborted();
    return page;
  }

  const freshest = (fetched: Row, known?: Row) => {
    const best = known && isNewer(known, fetched) ? known : fetched;
    const event = late.get(fetched.id)?.row;
    return event && !isNewer(best, event) ? event : best;
  };

  async function loadAll() {
    const wanted = read()?.pages ?? 1;
    const rows = new Map<string, Row>();
    let pages = 0;
    let next: string | null = null;
    do {
      const page: Page<Row> = await fetchPage(next);
      for (const row of page.data) if (!rows.has(row.id)) rows.set(row.id, row);
      pages += 1;
      next = page.next;
    } while (next && pages < wanted);
    const known = new Map(read()?.rows.map((row) => [row.id, row]));
    const added = [...late.values()].filter((each) => each.added && !rows.has(each.row.id)).map((each) => each.row);
    write({
      path,
      pages,
      next,
      rows: [...added, ...[...rows.values()].map((row) => freshest(row, known.get(row.id)))],
    });
  }

  async function loadMore() {
    const cursor = read()?.next;
    if (!cursor) return;
    const page = await fetchPage(cursor);
    const list = read();
    if (!list) return;
    const known = new Set(list.rows.map((row) => row.id));
    const rows = page.data.filter((row) => !known.has(row.id)).map((row) => freshest(row));
    write({ path, pages: list.pages + 1, next: page.next, rows: [...list.rows, ...rows] });
  }

  let waitingRefresh: Promise<void> | undefined;
  let runningMore: Promise<void> | undefined;

  return {
    /** Fetches all pages that are shown, or the first one if there are none. */
    refresh: () => {
      // One that has begun may have read too early: only one that still waits is as good as another.
      waitingRefresh ??= enqueue("all", () => {
        waitingRefresh = undefined;
        return loadAll();
      });
      return waitingRefresh;
    },
    more: () => {
      runningMore ??= enqueue("more", () =>
        loadMore().finally(() => {
          runningMore = undefined;
        }),
      );
      return runningMore;
    },
    patch: (row: Row) => {
      if (queued > 0) late.set(row.id, { row, added: late.get(row.id)?.added ?? false });
      const list = read();
      if (list?.rows.some((each) => each.id === row.id && !isNewer(each, row)))
        write({ ...list, rows: list.rows.map((each) => (each.id === row.id ? row : each)) });
    },
    prepend: (rows: Row[]) => {
      if (queued > 0) for (const row of rows) if (!late.has(row.id)) late.set(row.id, { row, added: true });
      const list = read();
      const known = new Set(list?.rows.map((row) => row.id));
      const added = rows.filter((row) => !known.has(row.id));
      if (list && added.length > 0) write({ ...list, rows: [...added, ...list.rows] });
    },
    end: () => ended.abort(),
  };
}

/** Is `a` certainly newer than `b`? */
function isNewer(a: Versioned, b: Versioned) {
  return (a.version ?? 0) > (b.version ?? 0);
}
