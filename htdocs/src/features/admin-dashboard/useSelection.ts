import { useMemo, useState } from "react";

export interface Selection {
  has: (id: string) => boolean;
  toggle: (id: string) => void;
  set: (ids: string[]) => void;
}

/** Which rows are ticked. Rows that are no longer shown don't count, but are ticked when they come back. */
export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  return useMemo(
    () => ({
      has: (id) => ids.has(id),
      toggle: (id) =>
        setIds((before) => {
          const next = new Set(before);
          if (!next.delete(id)) next.add(id);
          return next;
        }),
      set: (all) => setIds(new Set(all)),
    }),
    [ids],
  );
}
