import { act, render, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { SessionState } from "../session/SessionContext";
import { LiveProvider, useLiveListener, useLiveStatus } from "./LiveContext";
import { createLiveSocket, type LiveSocketOptions } from "./liveSocket";

let session: SessionState;
const refresh = vi.fn(async () => {});
vi.mock("../session/SessionContext", () => ({ useSession: () => ({ session, refresh }) }));
vi.mock("./liveSocket", () => ({ createLiveSocket: vi.fn() }));

const sockets: (LiveSocketOptions & { closed: boolean })[] = [];
const open = () => sockets.filter((each) => !each.closed);
const socket = () => open()[0] as LiveSocketOptions;

function Page({ name, heard }: { name: string; heard: string[] }) {
  useLiveListener({ onEvent: ({ id }) => heard.push(`${name} ${id}`), onRefetch: () => heard.push(`${name} refetch`) });
  return <p>{useLiveStatus()}</p>;
}

const tree = (children: React.ReactNode) => (
  <StrictMode>
    <LiveProvider>{children}</LiveProvider>
  </StrictMode>
);
const signedIn = (id: string): SessionState => ({
  state: "in",
  user: { id, name: "", email: "", role: "customer", createdAt: "" },
});

beforeEach(() => {
  vi.useFakeTimers();
  sockets.length = 0;
  session = signedIn("u1");
  vi.mocked(createLiveSocket).mockImplementation((options) => {
    const each = { ...options, closed: false };
    sockets.push(each);
    return {
      close: () => {
        each.closed = true;
      },
    };
  });
});
afterEach(() => {
  vi.useRealTimers();
});

it("has one connection, whatever is mounted twice, and none when nobody is signed in", () => {
  const { rerender, unmount } = render(tree(<Page name="a" heard={[]} />));
  expect(open()).toHaveLength(1);
  act(() => socket().onStatus("live"));
  expect(screen.getByText("live")).toBeVisible();
  session = { state: "out", reason: "signed-out" };
  rerender(tree(<Page name="a" heard={[]} />));
  expect(open()).toHaveLength(0);
  expect(screen.getByText("signed-out")).toBeVisible();
  session = signedIn("u2");
  rerender(tree(<Page name="a" heard={[]} />));
  expect(open()).toHaveLength(1);
  unmount();
  expect(open()).toHaveLength(0);
});

it("tells every page that is shown, and none that is gone", () => {
  const heard: string[] = [];
  const { rerender } = render(tree([<Page key="a" name="a" heard={heard} />, <Page key="b" name="b" heard={heard} />]));
  act(() => socket().onEvent({ type: "product:stock", id: "1" } as Parameters<LiveSocketOptions["onEvent"]>[0]));
  rerender(tree([<Page key="b" name="b" heard={heard} />]));
  act(() => socket().onRefetch());
  expect(heard).toEqual(["a 1", "b 1", "b refetch"]);
});

it("asks who is signed in when the connection's session is over, and connects anew if it is still somebody", async () => {
  render(tree(<Page name="a" heard={[]} />));
  const before = sockets.length;
  await act(async () => socket().onSignedOut());
  expect(refresh).toHaveBeenCalledOnce();
  expect(sockets).toHaveLength(before);
  act(() => vi.advanceTimersByTime(2_000));
  expect(sockets).toHaveLength(before + 1);
  expect(open()).toHaveLength(1);
});

it("stays away if it is nobody", async () => {
  const { rerender } = render(tree(<Page name="a" heard={[]} />));
  const before = sockets.length;
  await act(async () => socket().onSignedOut());
  session = { state: "out", reason: "ended" };
  rerender(tree(<Page name="a" heard={[]} />));
  act(() => vi.advanceTimersByTime(60_000));
  expect(sockets).toHaveLength(before);
});
