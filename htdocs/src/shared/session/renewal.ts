import { useEffect } from "react";

/* GET /users/me by a cookie past half its life sets a fresh one. Asked four times a life while somebody is at the page, it is always in time;
   a page that nobody uses asks nothing, and its session ends. */

const KEY = "session-lifetime";
const LONGEST_WAIT = 5 * 60_000;
const SHORTEST_WAIT = 5_000;

export function keepLifetime(expiresAt: string) {
  try {
    localStorage.setItem(KEY, String(Date.parse(expiresAt) - Date.now()));
  } catch {
    // Storage is blocked: the longest wait is right for the usual hour.
  }
}

export function forgetLifetime() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}

export function renewalWait(): number {
  let lifetime = Number.NaN;
  try {
    lifetime = Number(localStorage.getItem(KEY) ?? Number.NaN);
  } catch {
    // As if nothing was kept.
  }
  return lifetime > 0 ? Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, lifetime / 4)) : LONGEST_WAIT;
}

/** While `on`: calls `renew` when time for it has come and the page was used since, and when a page comes back to the front. */
export function useRenewal(on: boolean, renew: () => Promise<void>) {
  useEffect(() => {
    if (!on) return;
    let used = false;
    let last = Date.now();
    const ask = () => {
      used = false;
      last = Date.now();
      void renew();
    };
    const note = () => {
      used = true;
    };
    const comeBack = () => {
      if (document.visibilityState === "visible" && Date.now() - last > SHORTEST_WAIT) ask();
    };
    const timer = setInterval(() => {
      if (used) ask();
    }, renewalWait());
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, note, { passive: true });
    document.addEventListener("visibilitychange", comeBack);
    return () => {
      clearInterval(timer);
      for (const type of ["pointerdown", "keydown"]) removeEventListener(type, note);
      document.removeEventListener("visibilitychange", comeBack);
    };
  }, [on, renew]);
}
