import { useEffect, useRef } from "react";
import type { Product } from "../../shared/api/types";
import type { KeysetList } from "../../shared/api/useKeysetList";
import { useLiveListener } from "../../shared/live/LiveContext";
import { fetchProduct } from "./productWrites";

/** Between two rounds: however much is sold, the shop is asked but a few times a second. */
const PAUSE = 250;
/** From this many changed products on, the list itself is fetched. */
const MANY = 4;

/** Keeps the rows fresh. Events tell what everybody may know of a product, so not what is reserved: those that are shown are fetched. */
export function useProductEvents(list: KeysetList<Product>) {
  const latest = useRef(list);
  latest.current = list;
  const changed = useRef(new Set<string>());
  const working = useRef(false);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);

  const work = async () => {
    if (working.current) return;
    working.current = true;
    while (changed.current.size > 0 && !gone.current) {
      const ids = [...changed.current];
      changed.current.clear();
      if (ids.length >= MANY) await latest.current.refresh();
      else await Promise.all(ids.map((id) => fetchProduct(id).then(latest.current.patch, () => undefined)));
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    working.current = false;
  };
  useLiveListener({
    onEvent: (event) => {
      if (event.type !== "product:stock") return;
      const row = latest.current.rows.find((each) => each.id === event.id);
      if (!row || row.version >= event.version) return;
      changed.current.add(event.id);
      void work();
    },
    onRefetch: () => void latest.current.refresh(),
  });
}
