import { createContext, type ReactNode, use, useEffect, useMemo, useRef } from "react";

export interface Shortcut {
  /** One key ("j", "?", "Enter"), a sequence ("g o") or "Ctrl+k" (⌘ on a Mac). */
  keys: string;
  /** What it does, for the help. */
  does: string;
  run: () => void;
}

const ShortcutContext = createContext<{ add: (shortcut: Shortcut) => () => void } | null>(null);

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const shortcuts = useRef(new Set<Shortcut>());
  const value = useMemo(
    () => ({
      add: (shortcut: Shortcut) => {
        shortcuts.current.add(shortcut);
        return () => void shortcuts.current.delete(shortcut);
      },
    }),
    [],
  );
  return <ShortcutContext value={value}>{children}</ShortcutContext>;
}

/** The keys do this as long as the component is shown; undefined keys are none. They do nothing in a field, in a dialog, and where single keys are switched off. */
export function useShortcut(keys: string | undefined, does: string, run: () => void) {
  const context = use(ShortcutContext);
  if (!context) throw new Error("useShortcut needs a ShortcutProvider");
  const latest = useRef(run);
  latest.current = run;
  useEffect(
    () => (keys === undefined ? undefined : context.add({ keys, does, run: () => latest.current() })),
    [context, keys, does],
  );
}
