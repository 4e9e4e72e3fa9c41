import { act, renderHook, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import type { ReactNode } from "react";
import { SWRConfig, useSWRConfig } from "swr";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { fetcher } from "./http";
import { useKeysetList } from "./useKeysetList";

interface Row {
  id: string;
  version?: number;
  list?: string;
}

/* A shop with the rows r1 to r5, newest first, two a page. What it answers can be held back until a test lets it go. */
let shop: Row[];
let asked: string[];
let gate: Promise<void> | undefined;
let failing = false;

const server = setupServer(
  http.get("*/api/rows", async ({ request }) => {
    const { searchParams: query } = new URL(request.url);
    asked.push(query.toString());
    const from = query.has("after") ? shop.findIndex((row) => row.id === query.get("after")) + 1 : 0;
    const data = shop.slice(from, from + 2).map((row) => ({ ...row, ...(query.has("q") && { list: query.get("q") }) }));
    const next = from + 2 < shop.length ? (data.at(-1)?.id ?? null) : null;
    const answer = failing
      ? HttpResponse.json({ title: "Busy", status: 503, code: "busy" }, { status: 503 })
      : HttpResponse.json({ data, next });
    await gate;
    return answer;
  }),
);

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterAll(() => server.close());
beforeEach(() => {
  shop = ["r1", "r2", "r3", "r4", "r5"].map((id) => ({ id, version: 1 }));
  asked = [];
  failing = false;
});
afterEach(() => {
  gate = undefined;
});

/** Holds answers back; the function that comes lets them go. */
function hold() {
  let release = () => {};
  gate = new Promise((resolve) => {
    release = () => {
      gate = undefined;
      resolve();
    };
  });
  return release;
}

function show(path: string | null = "/rows", cache = new Map()) {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <SWRConfig value={{ provider: () => cache, fetcher }}>{children}</SWRConfig>
  );
  return renderHook(({ path }) => useKeysetList<Row>(path), { wrapper, initialProps: { path } });
}

const ids = (rows: Row[]) => rows.map((row) => row.id).join(" ");

async function shown(path?: string, cache?: Map<string, unknown>) {
  const hook = show(path, cache);
  expect(hook.result.current.loading).toBe(true);
  await waitFor(() => expect(hook.result.current.rows).toHaveLength(2));
  return hook;
}

test("comes page by page, to the end", async () => {
  const { result } = await shown();
  expect(result.current).toMatchObject({ loading: false, hasMore: true, stale: false, error: undefined });
  act(() => result.current.more());
  await waitFor(() => expect(ids(result.current.rows)).toBe("r1 r2 r3 r4"));
  act(() => result.current.more());
  await waitFor(() => expect(ids(result.current.rows)).toBe("r1 r2 r3 r4 r5"));
  expect(result.current).toMatchObject({ hasMore: false, loadingMore: false });
  expect(asked).toEqual(["", "after=r2", "after=r4"]);
});

test("asks for the following page once, however often it is told", async () => {
  const { result } = await shown();
  const release = hold();
  act(() => {
    result.current.more();
    result.current.more();
  });
  await waitFor(() => expect(result.current.loadingMore).toBe(true));
  release();
  await waitFor(() => expect(result.current.loadingMore).toBe(false));
  expect(asked).toEqual(["", "after=r2"]);
});

test("cursors and queries go together, and a row that comes twice is shown once", async () => {
  shop = ["a", "b+&", "b+&", "c"].map((id) => ({ id, version: 1 }));
  const { result } = await shown("/rows?q=x");
  act(() => result.current.more());
  await waitFor(() => expect(ids(result.current.rows)).toBe("a b+& c"));
  expect(asked[1]).toBe("q=x&after=b%2B%26");
});

test("asks nothing without a path", () => {
  const { result } = show(null);
  expect(result.current).toMatchObject({ rows: [], loading: false, hasMore: false });
  expect(asked).toEqual([]);
});

test("patches newer versions and those of the same age, never older ones", async () => {
  const { result } = await shown();
  act(() => result.current.patch({ id: "r2", version: 3 }));
  expect(result.current.rows[1]).toEqual({ id: "r2", version: 3 });
  act(() => result.current.patch({ id: "r2", version: 2 }));
  expect(result.current.rows[1]?.version).toBe(3);
  act(() => result.current.patch({ id: "r2", version: 3, list: "optimistic" }));
  expect(result.current.rows[1]?.list).toBe("optimistic");
  act(() => result.current.patch({ id: "r9", version: 1 }));
  expect(ids(result.current.rows)).toBe("r1 r2");
});

test("puts new rows in front once", async () => {
  const { result } = await shown();
  act(() => result.current.prepend([{ id: "r0", version: 1 }]));
  act(() => result.current.prepend([{ id: "r0", version: 1 }]));
  expect(ids(result.current.rows)).toBe("r0 r1 r2");
});

test("a following page changes nothing in the rows above it", async () => {
  const { result } = await shown();
  act(() => result.current.patch({ id: "r1", version: 2 }));
  shop.unshift({ id: "r0", version: 1 });
  act(() => result.current.more());
  await waitFor(() => expect(ids(result.current.rows)).toBe("r1 r2 r3 r4"));
  expect(result.current.rows[0]?.version).toBe(2);
});

test("what comes while a page is on its way is neither lost nor in its way", async () => {
  const { result } = await shown();
  const release = hold();
  act(() => result.current.more());
  await waitFor(() => expect(asked).toHaveLength(2));
  act(() => {
    result.current.patch({ id: "r1", version: 2 });
    result.current.patch({ id: "r3", version: 2 });
    result.current.prepend([{ id: "r0", version: 1 }]);
  });
  release();
  await waitFor(() => expect(ids(result.current.rows)).toBe("r0 r1 r2 r3 r4"));
  expect(result.current.rows.map((row) => row.version)).toEqual([1, 2, 1, 2, 1]);
});

test("what comes before the first answer wins over it", async () => {
  const release = hold();
  const { result } = show();
  await waitFor(() => expect(asked).toHaveLength(1));
  act(() => {
    result.current.prepend([{ id: "r0", version: 1 }]);
    result.current.patch({ id: "r0", version: 2 });
    result.current.patch({ id: "r2", version: 2 });
  });
  release();
  await waitFor(() => expect(ids(result.current.rows)).toBe("r0 r1 r2"));
  expect(result.current.rows.map((row) => row.version)).toEqual([2, 1, 2]);
});

test("refresh fetches all pages that are shown, and an older answer takes nothing back", async () => {
  const { result } = await shown();
  act(() => result.current.more());
  await waitFor(() => expect(result.current.rows).toHaveLength(4));
  act(() => result.current.patch({ id: "r4", version: 7 }));
  shop = [{ id: "r0", version: 1 }, ...shop.slice(1)];
  await act(() => result.current.refresh());
  expect(ids(result.current.rows)).toBe("r0 r2 r3 r4");
  expect(result.current.rows[3]?.version).toBe(7);
  expect(asked.slice(2)).toEqual(["", "after=r2"]);
});

test("rows put in front stay until a refresh tells where they are", async () => {
  const { result } = await shown();
  act(() => result.current.prepend([{ id: "r0", version: 1 }]));
  await act(() => result.current.refresh());
  expect(ids(result.current.rows)).toBe("r1 r2");
});

test("without versions, what a refresh brings is the newest", async () => {
  shop = [{ id: "u1" }, { id: "u2" }];
  const { result } = await shown();
  act(() => result.current.patch({ id: "u1", list: "changed here" }));
  expect(result.current.rows[0]?.list).toBe("changed here");
  shop = [{ id: "u1", list: "changed there" }, { id: "u2" }];
  await act(() => result.current.refresh());
  expect(result.current.rows[0]?.list).toBe("changed there");
});

test("nothing of it is left when everything is forgotten, as at signing out", async () => {
  const cache = new Map();
  const { unmount } = await shown("/rows", cache);
  unmount();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <SWRConfig value={{ provider: () => cache }}>{children}</SWRConfig>
  );
  const { result: config } = renderHook(() => useSWRConfig(), { wrapper });
  await act(() => config.current.mutate(() => true, undefined, { revalidate: false }));
  expect(JSON.stringify([...cache.values()].map((entry) => entry.data))).not.toContain("r1");
});

test("refreshes that wait are one; one that has begun is followed by another", async () => {
  const { result } = await shown();
  const release = hold();
  act(() => void result.current.refresh());
  await waitFor(() => expect(asked).toHaveLength(2));
  shop[0] = { id: "r1", version: 5 };
  act(() => void result.current.refresh());
  act(() => void result.current.refresh());
  release();
  await waitFor(() => expect(result.current.rows[0]?.version).toBe(5));
  expect(asked).toHaveLength(3);
});

test("keeps the rows of the path before until the new ones come, and patches only the new list", async () => {
  const cache = new Map();
  const { result, rerender } = await shown("/rows?q=a", cache);
  expect(result.current.rows[0]?.list).toBe("a");
  const release = hold();
  rerender({ path: "/rows?q=b" });
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(result.current).toMatchObject({ stale: true, loading: false, hasMore: false });
  expect(result.current.rows[0]?.list).toBe("a");
  act(() => result.current.patch({ id: "r1", version: 2, list: "event" }));
  expect(result.current.rows[0]?.list).toBe("a");
  release();
  await waitFor(() => expect(result.current.stale).toBe(false));
  expect(result.current.rows.map((row) => row.list)).toEqual(["event", "b"]);
  rerender({ path: "/rows?q=a" });
  expect(result.current.rows.map((row) => row.list)).toEqual(["a", "a"]);
});

test("an answer for a path that is left is not shown", async () => {
  const { result, rerender } = await shown("/rows?q=a");
  const release = hold();
  rerender({ path: "/rows?q=b" });
  await waitFor(() => expect(asked).toHaveLength(2));
  rerender({ path: "/rows?q=c" });
  release();
  await waitFor(() => expect(result.current.stale).toBe(false));
  expect(result.current.rows.map((row) => row.list)).toEqual(["c", "c"]);
});

test("shows what the cache has at once and fetches it again", async () => {
  const cache = new Map();
  (await shown("/rows", cache)).unmount();
  shop[0] = { id: "r1", version: 2 };
  const { result } = show("/rows", cache);
  expect(result.current).toMatchObject({ loading: false, stale: false });
  expect(ids(result.current.rows)).toBe("r1 r2");
  await waitFor(() => expect(result.current.rows[0]?.version).toBe(2));
});

test("tells an error, keeps the rows beside it, and mends", async () => {
  const { result } = await shown();
  failing = true;
  act(() => result.current.more());
  await waitFor(() => expect(result.current.error).toMatchObject({ code: "busy" }));
  expect(result.current).toMatchObject({ hasMore: true, loadingMore: false });
  expect(ids(result.current.rows)).toBe("r1 r2");
  failing = false;
  await act(() => result.current.refresh());
  expect(result.current.error).toBeUndefined();
});

test("an error at first leaves nothing that passes for a list", async () => {
  failing = true;
  const { result } = show();
  await waitFor(() => expect(result.current.error).toMatchObject({ status: 503 }));
  expect(result.current).toMatchObject({ rows: [], loading: false });
});

test("rows of another path are not shown beside an error", async () => {
  const { result, rerender } = await shown("/rows?q=a");
  failing = true;
  rerender({ path: "/rows?q=b" });
  await waitFor(() => expect(result.current.error).toBeDefined());
  expect(result.current.rows).toEqual([]);
});
