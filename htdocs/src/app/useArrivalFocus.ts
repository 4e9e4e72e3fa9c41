import { useEffect, useRef } from "react";
import { useLocation } from "wouter";

/** A page that has no heading by then keeps the focus on its whole content. */
const HEADING_WITHIN = 5_000;

/** After a link was followed, the focus goes on at the new page's heading: a screen reader reads it, and Tab goes on from there. */
export function useArrivalFocus(): string {
  const [path] = useLocation();
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    const main = document.querySelector("main");
    if (!main || isInside(main)) return;
    main.focus({ preventScroll: true });
    if (focusHeading(main)) return;
    // The page's code, or its data, is still on its way.
    const watch = new MutationObserver(() => {
      if (document.activeElement !== main || focusHeading(main)) watch.disconnect();
    });
    watch.observe(main, { childList: true, subtree: true });
    const timer = setTimeout(() => watch.disconnect(), HEADING_WITHIN);
    return () => {
      clearTimeout(timer);
      watch.disconnect();
    };
  }, [path]);
  return path;
}

/** The page has put the focus where it wants it. */
function isInside(main: HTMLElement) {
  const focused = document.activeElement;
  return focused !== null && focused !== main && main.contains(focused) && isShown(focused);
}

function focusHeading(main: HTMLElement): boolean {
  const heading = [...main.querySelectorAll("h1")].find(isShown);
  if (!heading) return false;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  return true;
}

/** While the next page's code is on its way, React keeps the last one, hidden. */
const isShown = (element: Element) => element.checkVisibility?.() ?? true;
