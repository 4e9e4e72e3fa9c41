import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { SWRConfig } from "swr";
import { beforeEach, expect, test, vi } from "vitest";
import type { Page } from "./types";
import { useKeysetList } from "./useKeysetList";

interface Row {
  id: string;
  version?: number;
  text: string;
}

const fetcher = vi.fn<(path: string) => Promise<Page<Row>>>();
const cache = new Map();
const wrapper = ({ children }: { children: ReactNode }) => (
  <SWRConfig value={{ provider: () => cache, fetcher, dedupingInterval: 0, shouldRetryOnError: false }}>
    {children}
  </SWRConfig>
);
const row = (id: string, version = 1): Row => ({ id, version, text: `${id}${version}` });
const texts = (rows: Row[]) => rows.map((each) => each.text);
const list = (path = "/list") => renderHook(() => useKeysetList<Row>(path), { wrapper });

beforeEach(() => {
  cache.clear();
  fetcher.mockReset();
});

test("follows the cursor, and shows a row that came twice once", async () => {
  fetcher.mockImplementation(async (path) =>
    path === "/list?a=1&after=c%2B"
      ? { data: [row("b"), row("c")], next: null }
      : { data: [row("a"), row("b")], next: "c+" },
  );
  const { result } = list("/list?a=1");
  await waitFor(() => expect(texts(result.current.rows)).toEqual(["a1", "b1"]));
  expect(result.current.hasMore).toBe(true);
  act(() => result.current.more());
  await waitFor(() => expect(texts(result.current.rows)).toEqual(["a1", "b1", "c1"]));
  expect(result.current.hasMore).toBe(false);
});

test("a change while an answer is under way loses neither", async () => {
  let answer: (page: Page<Row>) => void = () => {};
  fetcher.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
  const { result } = list();
  act(() => result.current.patch(row("b", 2)));
  await act(async () => answer({ data: [row("a"), row("b")], next: null }));
  await waitFor(() => expect(texts(result.current.rows)).toEqual(["a1", "b2"]));
});

test("older versions and unknown rows change nothing", async () => {
  fetcher.mockResolvedValue({ data: [row("a", 5)], next: null });
  const { result } = list();
  await waitFor(() => expect(result.current.rows).toHaveLength(1));
  act(() => result.current.patch(row("a", 4)));
  act(() => result.current.patch(row("x")));
  expect(texts(result.current.rows)).toEqual(["a5"]);
});

test("rows put in front stay until a refresh tells where they are", async () => {
  fetcher.mockResolvedValue({ data: [row("a")], next: null });
  const { result } = list();
  await waitFor(() => expect(result.current.rows).toHaveLength(1));
  act(() => result.current.prepend([row("n"), row("a")]));
  expect(texts(result.current.rows)).toEqual(["n1", "a1"]);
  await act(() => result.current.refresh());
  expect(texts(result.current.rows)).toEqual(["a1"]);
});

test("without versions, what a refresh brings is the newest", async () => {
  fetcher.mockResolvedValueOnce({ data: [{ id: "u", text: "first" }], next: null });
  fetcher.mockResolvedValueOnce({ data: [{ id: "u", text: "third" }], next: null });
  const { result } = list();
  await waitFor(() => expect(texts(result.current.rows)).toEqual(["first"]));
  act(() => result.current.patch({ id: "u", text: "second" }));
  expect(texts(result.current.rows)).toEqual(["second"]);
  await act(() => result.current.refresh());
  expect(texts(result.current.rows)).toEqual(["third"]);
});

test("what was shown on an earlier visit is shown at once and fetched again", async () => {
  fetcher.mockResolvedValueOnce({ data: [row("a")], next: null });
  const first = list();
  await waitFor(() => expect(first.result.current.rows).toHaveLength(1));
  first.unmount();
  fetcher.mockResolvedValueOnce({ data: [row("a", 2)], next: null });
  const second = list();
  expect(texts(second.result.current.rows)).toEqual(["a1"]);
  await waitFor(() => expect(texts(second.result.current.rows)).toEqual(["a2"]));
  expect(fetcher).toHaveBeenCalledTimes(2);
});
