import { useEffect, useRef } from "react";
import { useLocation } from "wouter";

/** As long as a page that is gone back to may take to be as long as it was. */
const RESTORED_WITHIN = 3_000;

/** A new page begins at its top; one that is gone back to, where it was left. */
export function useScrollMemory() {
  const [path] = useLocation();
  const before = useRef(path);
  const left = useRef(new Map<string, number>());
  const goneBack = useRef(false);

  useEffect(() => {
    const onScroll = () => left.current.set(location.href, scrollY);
    const onPop = () => {
      goneBack.current = true;
    };
    addEventListener("scroll", onScroll, { passive: true });
    addEventListener("popstate", onPop);
    return () => {
      removeEventListener("scroll", onScroll);
      removeEventListener("popstate", onPop);
    };
  }, []);

  useEffect(() => {
    const back = goneBack.current;
    goneBack.current = false;
    if (before.current === path) return;
    before.current = path;
    const top = back ? (left.current.get(location.href) ?? 0) : 0;
    scrollTo(0, top);
    return top > 0 && scrollY < top ? scrollWhenLongEnough(top) : undefined;
  }, [path]);
}

function scrollWhenLongEnough(top: number) {
  const watch = new ResizeObserver(() => {
    scrollTo(0, top);
    if (scrollY >= top - 1) stop();
  });
  const stop = () => {
    watch.disconnect();
    clearTimeout(timer);
    for (const type of ["wheel", "touchstart", "keydown", "pointerdown"]) removeEventListener(type, stop);
  };
  const timer = setTimeout(stop, RESTORED_WITHIN);
  watch.observe(document.body);
  // Whoever moves the page by hand has it.
  for (const type of ["wheel", "touchstart", "keydown", "pointerdown"]) addEventListener(type, stop, { passive: true });
  return stop;
}
