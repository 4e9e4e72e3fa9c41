import { useEffect, useRef, useState } from "react";

const DEBOUNCE = 200;

/** What is searched for: what was typed, once the typing has paused. */
export function useDebounced(): [q: string, type: (text: string) => void] {
  const [q, setQ] = useState("");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return [
    q,
    (text) => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setQ(text.trim()), DEBOUNCE);
    },
  ];
}
