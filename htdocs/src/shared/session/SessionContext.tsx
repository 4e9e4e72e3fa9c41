import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";
import { useSWRConfig } from "swr";
import { csrfToken, http, setSessionEndHandler } from "../api/http";
import type { Session, User } from "../api/types";
import { forgetLifetime, keepLifetime, useRenewal } from "./renewal";

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
  const { mutate } = useSWRConfig();

  /** Nothing that one user fetched is shown to the next. */
  const forgetAll = useCallback(() => mutate(() => true, undefined, { revalidate: false }), [mutate]);

  const end = useCallback((reason: OutReason) => {
    setSession((before) =>
      before.state === "out" ? before : { state: "out", reason: before.state === "in" ? reason : "none" },
    );
  }, []);

  const begin = useCallback(
    async (answer: Session) => {
      await forgetAll();
      keepLifetime(answer.expiresAt);
      // Over plain http on a name that isn't this machine's the browser takes no Secure cookie.
      if (csrfToken(document.cookie)) setSession({ state: "in", user: answer.user });
      else setSession({ state: "out", reason: "cookie-dropped" });
    },
    [forgetAll],
  );

  const refresh = useCallback(async () => {
    try {
      // Without the cookie that scripts can read there is no session: not worth a question, nor a 401 in the console.
      if (!csrfToken(document.cookie)) return end("ended");
      const { data } = await http.get<User>("/users/me");
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

  const value = useMemo<SessionValue>(
    () => ({
      session,
      refresh,
      signIn: async (email, password) => begin((await http.post<Session>("/users/login", { email, password })).data),
      register: async (name, email, password) =>
        begin((await http.post<Session>("/users/register", { name, email, password })).data),
      changePassword: async (current, next) =>
        begin((await http.post<Session>("/users/password", { current, new: next })).data),
      signOut: async () => {
        await http.post("/users/logout");
        forgetLifetime();
        setSession({ state: "out", reason: "signed-out" });
        await forgetAll();
      },
    }),
    [session, refresh, begin, forgetAll],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
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
