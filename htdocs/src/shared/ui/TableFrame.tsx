import { type ReactNode, useLayoutEffect, useRef, useState } from "react";

/** Around a table that may be wider than the screen: it scrolls in its frame, by the keyboard too. */
export function TableFrame({ label, children }: { label: string; children: ReactNode }) {
  const frame = useRef<HTMLElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const watch = new ResizeObserver(() => setScrolls(element.scrollWidth > element.clientWidth));
    watch.observe(element);
    for (const child of element.children) watch.observe(child);
    return () => watch.disconnect();
  }, []);
  return (
    <section ref={frame} className="table-frame" {...(scrolls && { tabIndex: 0, "aria-label": label })}>
      {children}
    </section>
  );
}
