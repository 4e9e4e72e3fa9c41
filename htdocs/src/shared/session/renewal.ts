import { useEffect } from "react";

/* GET /users/me by a cookie past half its life sets a fresh one. While somebody is at the page it is asked at least once in a quarter of a life,
   which is always in time; a page that nobody uses asks nothing, and its session ends. */

const KEY = "session-lifetime";
const LONGEST_WAIT = 5 * 60_000;
const SHORTEST_WAIT = 1_000;

/** For the user's other tabs, too: these are told by a storage event, even if the lifetime is what it was before. */
export function keepLifetime(expiresAt: string) {
  const now = Date.now();
  try {
    localStorage.setItem(KEY, `${Date.parse(expiresAt) - now} from ${now}`);
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
    lifetime = Number.parseFloat(localStorage.getItem(KEY) ?? "");
  } catch {
    // As if nothing was kept.
  }
  return lifetime > 0 ? Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, lifetime / 4)) : LONGEST_WAIT;
}

/** Calls back when another tab signs in or out. */
export function useOtherTabs(onChange: () => Promise<void>) {
  useEffect(() => {
    const listen = (event: StorageEvent) => {
      // Null: everything was cleared.
      if (event.key === KEY || event.key === null) void onChange();
    };
    addEventListener("storage", listen);
    return () => removeEventListener("storage", listen);
  }, [onChange]);
}

/** While `on`: calls `renew` when the page is used, or was used since, and it is time; and when a page comes back to the front. */
export function useRenewal(on: boolean, renew: () => Promise<void>) {
  useEffect(() => {
    if (!on) return;
    const wait = renewalWait();
    let used = false;
    let last = Date.now();
    const askIfTime = (after: number) => {
      if (Date.now() - last < after) return;
      used = false;
      last = Date.now();
      void renew();
    };
    const note = () => {
      used = true;
      askIfTime(wait);
    };
    const comeBack = () => {
      if (document.visibilityState === "visible") askIfTime(Math.min(wait, 5 * SHORTEST_WAIT));
    };
    const timer = setInterval(() => {
      if (used) askIfTime(0);
    }, wait);
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, note, { passive: true });
    document.addEventListener("visibilitychange", comeBack);
    return () => {
      clearInterval(timer);
      for (const type of ["pointerdown", "keydown"]) removeEventListener(type, note);
      document.removeEventListener("visibilitychange", comeBack);
    };
  }, [on, renew]);
}
