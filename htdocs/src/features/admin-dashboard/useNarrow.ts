import { useSyncExternalStore } from "react";

/** The same width as in AdminDashboard.css. */
const NARROW = "(max-width: 720px)";

function subscribe(changed: () => void) {
  const query = matchMedia(NARROW);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

/** Phone width: what CSS alone can't fold away. */
export const useNarrow = () => useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches);
