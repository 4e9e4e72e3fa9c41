import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http as mock } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import type { Role } from "../../shared/api/types";
import { SessionProvider } from "../../shared/session/SessionContext";
import { setCsrfCookie } from "../../test/cookies";
import Register from "./Register";
import SignIn from "./SignIn";

const userOf = (role: Role) => ({
  id: role,
  name: "Ada",
  email: "ada@example.com",
  role,
  createdAt: "2026-01-05T09:30:00Z",
});
const sent: unknown[] = [];
const problem = (status: number, code: string, more = {}, headers = {}) =>
  HttpResponse.json({ title: code, status, code, ...more }, { status, headers });

function answerWith(role: Role, keepsCookie = true) {
  return async ({ request }: { request: Request }) => {
    sent.push(await request.json());
    if (keepsCookie) setCsrfCookie("x");
    return HttpResponse.json({ user: userOf(role), token: "t", expiresAt: "2036-01-05T09:30:00Z" });
  };
}

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  server.resetHandlers();
  setCsrfCookie("");
  sent.length = 0;
});
afterAll(() => server.close());

function open(path: string) {
  const place = memoryLocation({ path, record: true });
  render(
    <Router hook={place.hook} searchHook={place.searchHook}>
      <SessionProvider>{path.startsWith("/register") ? <Register /> : <SignIn />}</SessionProvider>
    </Router>,
  );
  return () => place.history.at(-1);
}

const type = async (label: string, text: string) => userEvent.type(screen.getByLabelText(label), text);
const press = async (name: string) => userEvent.click(screen.getByRole("button", { name }));
async function signIn() {
  await type("Email", " ada@example.com");
  await type("Password", "correct horse");
  await press("Sign in");
}

test.each([
  ["/login", "customer", "/"],
  ["/login", "admin", "/admin"],
  ["/login?next=%2Forders%2Fnew%3Freorder%3D1", "customer", "/orders/new?reorder=1"],
  ["/login?next=%2F%2Fevil.example", "customer", "/"],
] as const)("%s leads a signed-in %s to %s", async (path, role, place) => {
  server.use(mock.post("/api/users/login", answerWith(role)));
  const where = open(path);
  await signIn();
  await waitFor(() => expect(where()).toBe(place));
  expect(sent).toEqual([{ email: "ada@example.com", password: "correct horse" }]);
});

test("who is signed in already is sent on", async () => {
  setCsrfCookie("x");
  server.use(mock.get("/api/users/me", () => HttpResponse.json(userOf("admin"))));
  const where = open("/login");
  await waitFor(() => expect(where()).toBe("/admin"));
});

test("empty fields are told beside them, with the focus on the first, and nothing is sent", async () => {
  open("/login");
  await press("Sign in");
  await waitFor(() => expect(screen.getByLabelText("Email")).toHaveFocus());
  expect(screen.getByLabelText("Email")).toHaveAccessibleDescription("Enter your email address.");
  expect(screen.getByLabelText("Password")).toHaveAccessibleDescription("Enter your password.");
});

test("wrong credentials are a message, not a session that ended", async () => {
  server.use(mock.post("/api/users/login", () => problem(401, "wrong-credentials")));
  open("/login");
  await signIn();
  expect(await screen.findByRole("alert")).toHaveTextContent("The email address or the password is wrong.");
  expect(screen.getByLabelText("Password")).toHaveFocus();
});

test("too many attempts: when to try again is told", async () => {
  server.use(mock.post("/api/users/login", () => problem(429, "too-many-requests", {}, { "Retry-After": "42" })));
  open("/login");
  await signIn();
  expect(await screen.findByRole("alert")).toHaveTextContent("Try again in 42 seconds.");
});

test("a browser that dropped the cookie: why, and what to do", async () => {
  server.use(mock.post("/api/users/login", answerWith("customer", false)));
  open("/login");
  await signIn();
  expect(await screen.findByRole("alert")).toHaveTextContent(/dropped the session's cookie.*http:\/\/127\.0\.0\.1/);
});

test("what the server says of fields stands beside them", async () => {
  const errors = [
    { pointer: "/name", code: "too-long", detail: "At most 200 characters." },
    { pointer: "/email", code: "invalid-email", detail: "Must be an e-mail address." },
  ];
  server.use(mock.post("/api/users/register", () => problem(422, "validation-failed", { errors })));
  open("/register");
  await type("Name", "Ada");
  await type("Email", "ada@nowhere");
  await type("Password", "correct horse");
  await press("Create account");
  await waitFor(() => expect(screen.getByLabelText("Name")).toHaveAccessibleDescription("At most 200 characters."));
  expect(screen.getByLabelText("Email")).toHaveAccessibleDescription("Must be an e-mail address.");
  expect(screen.getByLabelText("Name")).toHaveFocus();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("an address that is taken is told at the address", async () => {
  server.use(mock.post("/api/users/register", () => problem(409, "email-taken")));
  open("/register");
  await type("Name", "Ada");
  await type("Email", "ada@example.com");
  await type("Password", "correct horse");
  await press("Create account");
  await waitFor(() => expect(screen.getByLabelText("Email")).toHaveAccessibleDescription(/There is an account/));
});

test("a password can be shown", async () => {
  open("/login");
  expect(screen.getByLabelText("Password")).toHaveAttribute("type", "password");
  await press("Show password");
  expect(screen.getByLabelText("Password")).toHaveAttribute("type", "text");
  await press("Hide password");
  expect(screen.getByLabelText("Password")).toHaveAttribute("type", "password");
});
