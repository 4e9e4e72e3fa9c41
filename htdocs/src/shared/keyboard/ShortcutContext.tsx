import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { isBlocked, isSingle, isTaken, keyOf, SEQUENCE_WITHIN } from "./keys";

export interface Shortcut {
  /** One key ("j", "?", "Enter"), a sequence ("g o") or "Ctrl+k" (⌘ on a Mac). */
  keys: string;
  /** What it does, for the help. */
  does: string;
  run: () => void;
  /** Works on every page: the help lists it apart. */
  anywhere?: boolean;
}

interface ShortcutValue {
  add: (shortcut: Shortcut) => () => void;
  /** What the keys do now; where two claim the same keys, the one that came last has them. */
  active: () => Shortcut[];
  /** Keys without Ctrl can be switched off: speech input and unsteady hands press them by accident. */
  singleKeys: boolean;
  setSingleKeys: (on: boolean) => void;
}

const ShortcutContext = createContext<ShortcutValue | null>(null);

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const shortcuts = useRef(new Set<Shortcut>());
  const [singleKeys, setSingleKeys] = useSingleKeys();

  const add = useCallback((shortcut: Shortcut) => {
    shortcuts.current.add(shortcut);
    return () => void shortcuts.current.delete(shortcut);
  }, []);
  const active = useCallback(() => [...new Map([...shortcuts.current].map((each) => [each.keys, each])).values()], []);

  useEffect(() => {
    let before: { key: string; until: number } | undefined;
    const onKey = (event: KeyboardEvent) => {
      const key = keyOf(event);
      if (!key || event.defaultPrevented || isTaken(event.target, key) || isBlocked(key)) return;
      if (isSingle(key) && !singleKeys) return;
      const all = active();
      const sequence = before && Date.now() <= before.until ? `${before.key} ${key}` : key;
      const match = all.find((each) => each.keys === sequence) ?? all.find((each) => each.keys === key);
      before = match ? undefined : { key, until: Date.now() + SEQUENCE_WITHIN };
      if (!match) return;
      event.preventDefault();
      match.run();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [active, singleKeys]);

  const value = useMemo(() => ({ add, active, singleKeys, setSingleKeys }), [add, active, singleKeys, setSingleKeys]);
  return <ShortcutContext value={value}>{children}</ShortcutContext>;
}

const STORED = "single-keys";

function useSingleKeys() {
  const [on, setOn] = useState(() => {
    try {
      return localStorage.getItem(STORED) !== "off";
    } catch {
      return true;
    }
  });
  const set = useCallback((next: boolean) => {
    setOn(next);
    try {
      localStorage.setItem(STORED, next ? "on" : "off");
    } catch {
      // Storage is blocked: the choice lasts as long as the page.
    }
  }, []);
  return [on, set] as const;
}

export function useShortcuts(): ShortcutValue {
  const value = use(ShortcutContext);
  if (!value) throw new Error("useShortcuts needs a ShortcutProvider");
  return value;
}

/** The keys do this as long as the component is shown; undefined keys are none. They do nothing in a field, in a dialog, and where single keys are switched off. */
export function useShortcut(
  keys: string | undefined,
  does: string,
  run: () => void,
  { anywhere }: { anywhere?: boolean } = {},
) {
  const { add } = useShortcuts();
  const latest = useRef(run);
  latest.current = run;
  useEffect(
    () => (keys === undefined ? undefined : add({ keys, does, anywhere, run: () => latest.current() })),
    [add, keys, does, anywhere],
  );
}
