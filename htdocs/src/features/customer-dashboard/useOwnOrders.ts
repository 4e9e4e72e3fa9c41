import { useEffect, useRef } from "react";
import type { OrderRow } from "../../shared/api/types";
import { useKeysetList } from "../../shared/api/useKeysetList";
import { useLiveListener } from "../../shared/live/LiveContext";
import { groupOrders, isOpen } from "./groupOrders";

/* The API lists one's own orders by age alone: an open one may be on any page. All that most people ever ordered is on the first page; where the last
   page that came still had an open order, the next one is fetched, too, up to a bound. */
const PAGE = 100;
const BOUND = 1_000;

/** The customer's orders, kept up to date. `onNews` is called with the id of each that changed by itself. */
export function useOwnOrders(onNews: (id: string) => void) {
  const list = useKeysetList<OrderRow>(`/orders?limit=${PAGE}`);
  const { rows, loadingMore, hasMore, error, more } = list;
  const seen = useRef(new Set<string>());
  for (const row of rows) if (isOpen(row)) seen.current.add(row.id);

  const lastPageHasOpen = rows.slice(-PAGE).some(isOpen);
  const searching = hasMore && lastPageHasOpen && rows.length < BOUND;
  useEffect(() => {
    if (searching && !loadingMore && !error) more();
  }, [searching, loadingMore, error, more]);

  useLiveListener({
    onEvent: (event) => {
      if (event.type === "product:stock") return;
      const shown = rows.find((row) => row.id === event.id);
      if (shown) list.patch(event.data);
      else if (event.type === "order:new") list.prepend([event.data]);
      if (shown ? event.data.version > shown.version : event.type === "order:new") onNews(event.id);
    },
    onRefetch: () => void list.refresh(),
  });

  return { ...list, ...groupOrders(rows, seen.current), openMayFollow: hasMore && lastPageHasOpen && !searching };
}
