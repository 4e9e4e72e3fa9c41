import { useEffect, useRef, useState } from "react";

/** Props that let an element flash once each time the value has changed. */
export function useFlashOnChange(value: unknown) {
  const [flashes, setFlashes] = useState(false);
  const before = useRef(value);
  useEffect(() => {
    if (Object.is(before.current, value)) return;
    before.current = value;
    setFlashes(true);
  }, [value]);
  return { className: flashes ? "flash" : undefined, onAnimationEnd: () => setFlashes(false) };
}
