import { HttpResponse, http as mock } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { setCsrfCookie } from "../../test/cookies";
import { ApiError, csrfToken, fieldErrors, http, NO_ANSWER, setSessionEndHandler } from "./http";

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  server.resetHandlers();
  setSessionEndHandler(() => {});
  setCsrfCookie("");
});
afterAll(() => server.close());

const failure = (answer: Promise<unknown>) =>
  answer.then(
    () => undefined,
    (cause: ApiError) => cause,
  );

test("finds the CSRF token by either name, the usual one first", () => {
  expect(csrfToken("")).toBeUndefined();
  expect(csrfToken("__Host-csrf=")).toBeUndefined();
  expect(csrfToken("theme=dark; __Host-csrf=ab=c")).toBe("ab=c");
  expect(csrfToken("other-csrf=x; __Host-csrf=y")).toBe("y");
  expect(csrfToken("a=1; shop-csrf=z")).toBe("z");
  expect(csrfToken("csrf=1; xcsrf=2")).toBeUndefined();
});

test("failures carry the server's problem and its Retry-After", async () => {
  const problem = { title: "Busy", status: 503, code: "busy", detail: "Try again." };
  server.use(mock.get("/api/x", () => HttpResponse.json(problem, { status: 503, headers: { "Retry-After": "7" } })));
  const error = await failure(http.get("/x"));
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ message: "Try again.", status: 503, code: "busy", retryAfter: 7 });
});

test("no answer, and an answer that isn't the API's, are problems, too", async () => {
  server.use(
    mock.get("/api/x", () => HttpResponse.error()),
    mock.get("/api/y", () => new HttpResponse("<h1>Bad gateway</h1>", { status: 502 })),
  );
  expect(await failure(http.get("/x"))).toMatchObject({ status: 0, code: NO_ANSWER, retryAfter: undefined });
  expect(await failure(http.get("/y"))).toMatchObject({ status: 502, code: "unexpected-answer" });
});

test("the end of the session is told, a wrong password isn't one", async () => {
  const onEnd = vi.fn();
  setSessionEndHandler(onEnd);
  const answer = (code: string) => () => HttpResponse.json({ title: "", status: 401, code }, { status: 401 });
  server.use(
    mock.post("/api/users/login", answer("wrong-credentials")),
    mock.get("/api/orders", answer("session-invalid")),
  );
  await failure(http.post("/users/login", {}));
  expect(onEnd).not.toHaveBeenCalled();
  await failure(http.get("/orders"));
  expect(onEnd).toHaveBeenCalledOnce();
});

test("a request that a renewal overtook is sent again with the new token, once", async () => {
  const sent: (string | null)[] = [];
  server.use(
    mock.post("/api/x", ({ request }) => {
      sent.push(request.headers.get("X-CSRF-Token"));
      setCsrfCookie("new");
      return HttpResponse.json({ title: "", status: 403, code: "csrf-token-invalid" }, { status: 403 });
    }),
  );
  setCsrfCookie("old");
  expect(await failure(http.post("/x"))).toMatchObject({ code: "csrf-token-invalid" });
  expect(sent).toEqual(["old", "new"]);
});

test("bad fields are found by their pointers", () => {
  const errors = [{ pointer: "/shipTo/city", code: "required", detail: "This member is required." }];
  const error = new ApiError({ title: "", status: 422, code: "validation-failed", errors });
  expect([...fieldErrors(error)]).toEqual([["/shipTo/city", "This member is required."]]);
  expect(fieldErrors(new Error("else")).size).toBe(0);
});
