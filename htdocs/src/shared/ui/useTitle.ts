import { useEffect } from "react";
import { strings } from "../../strings/common";

/** The page's name in the tab and in the history. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · ${strings.shop}`;
  }, [title]);
}
