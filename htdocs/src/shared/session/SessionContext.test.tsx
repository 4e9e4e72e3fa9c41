import { act, render, screen, waitFor } from "@testing-library/react";
import { HttpResponse, http as mock } from "msw";
import { setupServer } from "msw/node";
import useSWR from "swr";
import useSWRInfinite from "swr/infinite";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { setCsrfCookie } from "../../test/cookies";
import { fetcher, http } from "../api/http";
import type { Page, User } from "../api/types";
import { SessionProvider, type SessionValue, useSession } from "./SessionContext";

const ada: User = {
  id: "a".repeat(24),
  name: "Ada",
  email: "ada@example.com",
  role: "customer",
  createdAt: "2026-01-05T09:30:00Z",
};
const bob: User = { ...ada, id: "b".repeat(24), name: "Bob", email: "bob@example.com" };
const ended = HttpResponse.json({ title: "Unauthorized", status: 401, code: "session-invalid" }, { status: 401 });

/** Whom the server knows by the cookie, and what it was asked. */
let who: User | null = null;
let asked: string[] = [];

function signedInAs(user: User) {
  who = user;
  setCsrfCookie(user.id);
  return HttpResponse.json({ user, token: "t", expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
}

const server = setupServer(
  mock.get("/api/users/me", () => (who ? HttpResponse.json(who) : ended.clone())),
  mock.post("/api/users/login", async ({ request }) => {
    const { email } = (await request.json()) as { email: string };
    return signedInAs(email === bob.email ? bob : ada);
  }),
  mock.post("/api/users/logout", () => {
    who = null;
    setCsrfCookie("");
    return new HttpResponse(null, { status: 204 });
  }),
  mock.get("/api/orders", () =>
    who ? HttpResponse.json({ data: [`order of ${who.name}`], next: null }) : ended.clone(),
  ),
);

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => {
  asked = [];
  server.events.on("request:start", ({ request }) => asked.push(`${request.method} ${new URL(request.url).pathname}`));
});
afterEach(() => {
  server.resetHandlers();
  server.events.removeAllListeners();
  who = null;
  setCsrfCookie("");
  localStorage.clear();
});
afterAll(() => server.close());

let session: SessionValue;

function Orders() {
  const one = useSWR<Page<string>>("/orders", fetcher);
  const many = useSWRInfinite<Page<string>>(() => "/orders", fetcher);
  return (
    <p>
      {one.data?.data[0] ?? "nothing"}, {many.data?.[0]?.data[0] ?? "nothing"}
    </p>
  );
}

function Probe() {
  session = useSession();
  const { session: now } = session;
  return (
    <>
      <p data-testid="state">
        {now.state === "in" ? `in: ${now.user.name}` : now.state === "out" ? `out: ${now.reason}` : now.state}
      </p>
      {now.state === "in" && <Orders />}
    </>
  );
}

const show = () =>
  render(
    <SessionProvider>
      <Probe />
    </SessionProvider>,
  );
const state = () => screen.getByTestId("state").textContent;

test("without a cookie nobody is signed in, and nothing is asked", async () => {
  show();
  await waitFor(() => expect(state()).toBe("out: none"));
  expect(asked).toEqual([]);
});

test("a session from before is found by its cookie", async () => {
  signedInAs(ada);
  show();
  await waitFor(() => expect(state()).toBe("in: Ada"));
});

test("a session that ended while nobody was here is no news", async () => {
  setCsrfCookie("old");
  show();
  await waitFor(() => expect(state()).toBe("out: none"));
});

test("a server that can't be reached is told apart", async () => {
  setCsrfCookie("any");
  server.use(mock.get("/api/users/me", () => HttpResponse.error()));
  show();
  await waitFor(() => expect(state()).toBe("unreachable"));
});

test("a 401 to any request ends the session", async () => {
  signedInAs(ada);
  show();
  await waitFor(() => expect(state()).toBe("in: Ada"));
  who = null;
  await act(() => http.get("/orders").catch(() => {}));
  expect(state()).toBe("out: ended");
});

test("a browser that drops the cookie is told", async () => {
  show();
  server.use(
    mock.post("/api/users/login", () =>
      HttpResponse.json({ user: ada, token: "t", expiresAt: "2036-01-05T09:30:00Z" }),
    ),
  );
  await act(() => session.signIn(ada.email, "password"));
  expect(state()).toBe("out: cookie-dropped");
});

test("signing out is no session that ended, even if the end is heard of before the answer", async () => {
  signedInAs(ada);
  show();
  await waitFor(() => expect(state()).toBe("in: Ada"));
  let answer = () => {};
  server.use(
    mock.post("/api/users/logout", async () => {
      who = null;
      setCsrfCookie("");
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return new HttpResponse(null, { status: 204 });
    }),
  );
  let leaving = Promise.resolve();
  act(() => {
    leaving = session.signOut();
  });
  await waitFor(() => expect(who).toBeNull());
  // The live connection that the server closes asks who is signed in; another request is answered 401.
  await act(async () => {
    void session.refresh();
    await fetcher("/orders").catch(() => {});
  });
  expect(state()).toBe("in: Ada");
  answer();
  await act(() => leaving);
  expect(state()).toBe("out: signed-out");
});

test("while the password is changed nobody is asked by the old session", async () => {
  signedInAs(ada);
  show();
  await waitFor(() => expect(state()).toBe("in: Ada"));
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  server.use(
    mock.post("/api/users/password", async () => {
      await answered;
      return signedInAs(ada);
    }),
  );
  asked = [];
  let changing = Promise.resolve();
  act(() => {
    changing = session.changePassword("old password", "new password");
  });
  const refreshing = session.refresh();
  await act(() => fetcher("/orders"));
  expect(asked).not.toContain("GET /api/users/me");
  answer();
  await act(() => Promise.all([changing, refreshing]));
  expect(asked).toContain("GET /api/users/me");
  expect(state()).toBe("in: Ada");
});

test("who can't sign out stays, and is told", async () => {
  signedInAs(ada);
  show();
  await waitFor(() => expect(state()).toBe("in: Ada"));
  server.use(mock.post("/api/users/logout", () => HttpResponse.error()));
  await act(() => expect(session.signOut()).rejects.toThrow("didn't answer"));
  expect(state()).toBe("in: Ada");
});

test("other tabs that sign in or out are followed", async () => {
  signedInAs(ada);
  show();
  await waitFor(() => expect(state()).toBe("in: Ada"));
  signedInAs(bob);
  act(() => void dispatchEvent(new StorageEvent("storage", { key: "session-lifetime" })));
  await waitFor(() => expect(state()).toBe("in: Bob"));
  who = null;
  setCsrfCookie("");
  act(() => void dispatchEvent(new StorageEvent("storage", { key: "session-lifetime" })));
  await waitFor(() => expect(state()).toBe("out: ended"));
  expect(asked.at(-1)).not.toBe("GET /api/users/me");
});

test("what one user fetched is not shown to the next", async () => {
  signedInAs(ada);
  show();
  await screen.findByText("order of Ada, order of Ada");
  await act(() => session.signOut());
  server.use(mock.get("/api/orders", () => new Promise(() => {})));
  await act(() => session.signIn(bob.email, "password"));
  expect(state()).toBe("in: Bob");
  expect(screen.getByText("nothing, nothing")).toBeInTheDocument();
});

test("nor is what one user still waited for", async () => {
  signedInAs(ada);
  let release = () => {};
  const late = new Promise<void>((resolve) => {
    release = resolve;
  });
  let answered = 0;
  server.use(
    mock.get("/api/orders", async () => {
      const name = who?.name;
      if (name === "Ada") await late;
      answered++;
      return HttpResponse.json({ data: [`order of ${name}`], next: null });
    }),
  );
  show();
  await waitFor(() => expect(asked).toContain("GET /api/orders"));
  await act(() => session.signOut());
  await act(() => session.signIn(bob.email, "password"));
  await screen.findByText("order of Bob, order of Bob");
  const before = answered;
  release();
  await waitFor(() => expect(answered).toBeGreaterThan(before));
  await act(() => fetcher("/orders"));
  expect(screen.getByText("order of Bob, order of Bob")).toBeInTheDocument();
});
