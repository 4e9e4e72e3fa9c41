import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { SWRConfig } from "swr";
import { ApiError, csrfToken, http, setSessionEndHandler } from "../api/http";
import type { Session, User } from "../api/types";
import { forgetLifetime, keepLifetime, useOtherTabs, useRenewal } from "./renewal";

/** Why nobody is signed in: never was, signed out, the session ended by itself, or the browser dropped the cookie. */
export type OutReason = "none" | "signed-out" | "ended" | "cookie-dropped";

export type SessionState =
  | { state: "loading" }
  | { state: "unreachable" }
  | { state: "out"; reason: OutReason }
  | { state: "in"; user: User };

export interface SessionValue {
  session: SessionState;
  /** Asks the server who is signed in. */
  refresh: () => Promise<void>;
  /** These throw ApiError. */
  signIn: (email: string, password: string) => Promise<void>;
  register: (name: string, email: string, password: string) => Promise<void>;
  changePassword: (current: string, next: string) => Promise<void>;
  signOut: () => Promise<void>;
}

const SessionContext = createContext<SessionValue | null>(null);

/** The session itself is an HttpOnly cookie, which no script can read: what is known here is who it is. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<SessionState>({ state: "loading" });
  /** Signing in, out, or a new password, under way: until it is done, that the old session ends is no news. */
  const change = useRef<Promise<unknown> | null>(null);
  /** Answers to questions asked before the last change are worth nothing. */
  const changes = useRef(0);

  const end = useCallback((reason: OutReason) => {
    if (change.current) return;
    setSession((before) =>
      before.state === "out" ? before : { state: "out", reason: before.state === "in" ? reason : "none" },
    );
  }, []);

  const refresh = useCallback(async () => {
    await change.current?.catch(() => {});
    const asked = changes.current;
    try {
      // Without the cookie that scripts can read there is no session: not worth a question, nor a 401 in the console.
      if (!csrfToken(document.cookie)) return end("ended");
      const { data } = await http.get<User>("/users/me");
      if (asked === changes.current)
        setSession((before) =>
          before.state === "in" && sameUser(before.user, data) ? before : { state: "in", user: data },
        );
    } catch {
      setSession((before) => (before.state === "loading" ? { state: "unreachable" } : before));
    }
  }, [end]);

  useEffect(() => {
    setSessionEndHandler(() => end("ended"));
    void refresh();
    return () => setSessionEndHandler(() => {});
  }, [end, refresh]);

  useRenewal(session.state === "in", refresh);
  useOtherTabs(refresh);

  const actions = useMemo(() => {
    const during = async (work: Promise<SessionState>) => {
      changes.current++;
      change.current = work;
      try {
        setSession(await work);
        change.current = null;
      } catch (cause) {
        change.current = null;
        // A new password, but the session is over: its 401 took the cookies away.
        if (!csrfToken(document.cookie)) end("ended");
        throw cause;
      }
    };
    return {
      signIn: (email: string, password: string) => during(begin("/users/login", { email, password })),
      register: (name: string, email: string, password: string) =>
        during(begin("/users/register", { name, email, password })),
      changePassword: (current: string, next: string) => during(begin("/users/password", { current, new: next })),
      signOut: () => during(leave()),
    };
  }, [end]);

  const value = useMemo<SessionValue>(() => ({ session, refresh, ...actions }), [session, refresh, actions]);
  const who = session.state === "in" ? `${session.user.id} ${session.user.role}` : "nobody";
  return (
    <SessionContext value={value}>
      {/* Each user starts with an empty cache: what one fetched, or still waits for, is never shown to the next. */}
      <SWRConfig key={who} value={OWN_CACHE}>
        {children}
      </SWRConfig>
    </SessionContext>
  );
}

const OWN_CACHE = { provider: () => new Map() };

async function begin(path: string, body: Record<string, string>): Promise<SessionState> {
  const { data } = await http.post<Session>(path, body);
  keepLifetime(data.expiresAt);
  // Over plain http on a name that isn't this machine's the browser takes no Secure cookie.
  return csrfToken(document.cookie) ? { state: "in", user: data.user } : { state: "out", reason: "cookie-dropped" };
}

async function leave(): Promise<SessionState> {
  try {
    await http.post("/users/logout");
  } catch (cause) {
    // The session had ended before.
    if (!(cause instanceof ApiError && cause.status === 401)) throw cause;
  }
  forgetLifetime();
  return { state: "out", reason: "signed-out" };
}

function sameUser(a: User, b: User) {
  return a.id === b.id && a.role === b.role && a.name === b.name && a.email === b.email;
}

export function useSession(): SessionValue {
  const value = use(SessionContext);
  if (!value) throw new Error("useSession needs a SessionProvider");
  return value;
}

/** The signed-in user; for pages that are shown to signed-in users alone. */
export function useUser(): User {
  const { session } = useSession();
  if (session.state !== "in") throw new Error("useUser is for signed-in pages");
  return session.user;
}
