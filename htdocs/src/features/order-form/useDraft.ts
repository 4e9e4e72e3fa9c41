import { useCallback, useRef, useState } from "react";
import { clearDraft, type Draft, loadDraft, saveDraft } from "./draft";

export interface DraftValue {
  draft: Draft;
  /** The draft after the last change, shown or not. */
  latest: () => Draft;
  change: (change: (draft: Draft) => Draft) => void;
  /** The order is placed: nothing is kept, whatever else would still change. */
  finish: () => void;
}

/** The user's draft, kept with each change. */
export function useDraft(userId: string): DraftValue {
  const [draft, setDraft] = useState(() => loadDraft(userId));
  const latest = useRef(draft);
  const finished = useRef(false);
  return {
    draft,
    latest: useCallback(() => latest.current, []),
    change: useCallback(
      (change) => {
        if (finished.current) return;
        latest.current = change(latest.current);
        saveDraft(userId, latest.current);
        setDraft(latest.current);
      },
      [userId],
    ),
    finish: useCallback(() => {
      finished.current = true;
      clearDraft(userId);
    }, [userId]),
  };
}
