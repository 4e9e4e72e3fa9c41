import { useCallback, useState } from "react";

const NONE: ReadonlySet<string> = new Set();

/** Rows that have just changed: `flash(id)` when one does, `{...flashing(id, "its classes")}` on its element, and it flashes once. */
export function useFlash() {
  const [ids, setIds] = useState(NONE);
  const flash = useCallback((id: string) => setIds((before) => new Set(before).add(id)), []);
  const flashing = (id: string, classes = "") => ({
    className: ids.has(id) ? `${classes} flash`.trim() : classes || undefined,
    onAnimationEnd: () => setIds((before) => new Set([...before].filter((each) => each !== id))),
  });
  return { flash, flashing };
}
