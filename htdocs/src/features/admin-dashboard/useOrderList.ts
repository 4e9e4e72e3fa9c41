import { useCallback } from "react";
import { http } from "../../shared/api/http";
import { knowsMoves } from "../../shared/api/knownMoves";
import type { OrderRow } from "../../shared/api/types";
import { useKeysetList } from "../../shared/api/useKeysetList";
import { useLiveListener } from "../../shared/live/LiveContext";
import { apiQuery, type Filters } from "./filters";
import { useNewOrders } from "./useNewOrders";

const PAGE = 25;

const fetchWhole = async (id: string) => (await http.get<OrderRow>(`/orders/${id}`)).data;

/** The orders of the filter, and what live events do to them: rows change in their places, new orders wait. */
export function useOrderList(filters: Filters) {
  const query = apiQuery(filters);
  query.set("limit", String(PAGE));
  const list = useKeysetList<OrderRow>(`/orders/admin?${query}`);
  const { waiting, add, forget } = useNewOrders(filters, list.rows);

  const { refresh: fetchAgain } = list;
  const refresh = useCallback(async () => {
    const before = waiting;
    await fetchAgain();
    forget(before);
  }, [waiting, fetchAgain, forget]);

  useLiveListener({
    onEvent: (event) => {
      if (event.type === "product:stock") return;
      // Also where the row isn't shown: an answer under way may have it, older.
      list.patch(event.data);
      if (!list.rows.some((each) => each.id === event.id)) add(event);
      else if (!knowsMoves(event.data.status)) void fetchWhole(event.id).then(list.patch, () => {});
    },
    onRefetch: () => void refresh(),
  });

  /** Puts the waiting orders where they belong: on top, or wherever another sort has them. */
  const showWaiting = async () => {
    if (filters.sort !== "-createdAt") return refresh();
    list.prepend(waiting);
    forget(waiting);
  };
  return { ...list, refresh, waiting, showWaiting };
}
