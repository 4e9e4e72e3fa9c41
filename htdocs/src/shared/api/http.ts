import axios, { type AxiosResponse, isAxiosError } from "axios";
import { strings } from "../../strings/common";
import { rememberMoves } from "./knownMoves";
import type { Problem } from "./types";

/** What a request that failed throws, whatever the cause: `problem` is the server's, or made here where none came. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    /** Seconds, from Retry-After. */
    readonly retryAfter?: number,
  ) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
  }
  get status() {
    return this.problem.status;
  }
  get code() {
    return this.problem.code;
  }
}

/** The request may or may not have been done: no answer came. */
export const NO_ANSWER = "no-answer";

const CSRF_HEADER = "X-CSRF-Token";

export const http = axios.create({ baseURL: "/api", timeout: 15_000 });

/** The value of __Host-csrf, or of NAME-csrf where OrdersCookieName names the session's cookie NAME. */
export function csrfToken(cookies: string): string | undefined {
  const pairs = cookies.split("; ");
  const pair = pairs.find((each) => each.startsWith("__Host-csrf=")) ?? pairs.find((each) => /^[^=]+-csrf=/.test(each));
  return pair?.slice(pair.indexOf("=") + 1) || undefined;
}

http.interceptors.request.use((config) => {
  const token = csrfToken(document.cookie);
  if (token && config.method !== "get") config.headers.set(CSRF_HEADER, token);
  return config;
});

let onSessionEnd: () => void = () => {};
/** Called when an answer says that the session is no more. */
export function setSessionEndHandler(handler: () => void) {
  onSessionEnd = handler;
}

function toApiError(cause: unknown): ApiError {
  if (!isAxiosError(cause)) throw cause;
  const response = cause.response;
  const body = response?.data as Partial<Problem> | undefined;
  const fallback = response
    ? { title: strings.serverTrouble, status: response.status, code: "unexpected-answer" }
    : { title: strings.noAnswer, status: 0, code: NO_ANSWER };
  const retryAfter = Number(response?.headers["retry-after"]);
  return new ApiError(
    body && typeof body === "object" && typeof body.code === "string" ? (body as Problem) : fallback,
    retryAfter > 0 ? retryAfter : undefined,
  );
}

/** The session was renewed between reading its CSRF token and sending the request: nothing was done, and the new token is there by now. */
function sentOldToken(cause: unknown, error: ApiError) {
  if (error.code !== "csrf-token-invalid" || !isAxiosError(cause)) return false;
  const token = csrfToken(document.cookie);
  return token !== undefined && cause.config?.headers.get(CSRF_HEADER) !== token;
}

function noteAnswer(response: AxiosResponse) {
  rememberMoves(response.data);
  return response;
}

http.interceptors.response.use(noteAnswer, (cause) => {
  const error = toApiError(cause);
  if (sentOldToken(cause, error)) return http.request(cause.config);
  if (error.code === "session-invalid" || error.code === "sign-in-required") onSessionEnd();
  throw error;
});

/** SWR's fetcher: the key is the path. */
export async function fetcher<T>(path: string, options?: { signal?: AbortSignal }): Promise<T> {
  return (await http.get<T>(path, { signal: options?.signal })).data;
}

export function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : strings.serverTrouble;
}

/** What the server says of each bad field, by its JSON Pointer: "/shipTo/city". */
export function fieldErrors(error: unknown): Map<string, string> {
  const errors = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  return new Map(errors.map(({ pointer, detail }) => [pointer, detail]));
}
