import { useCallback, useMemo, useState } from "react";
import type { OrderEvent, OrderRow } from "../../shared/api/types";
import type { Filters } from "./filters";
import { collect } from "./newOrders";

/** New orders of the filter that aren't shown yet. Another filter starts afresh: its list has been fetched after them. */
export function useNewOrders(filters: Filters, shown: OrderRow[]) {
  const [held, setHeld] = useState<{ filters: Filters; orders: OrderRow[] }>({ filters, orders: [] });
  const change = useCallback(
    (to: (orders: OrderRow[]) => OrderRow[]) =>
      setHeld((before) => {
        const orders = before.filters === filters ? before.orders : [];
        const next = to(orders);
        return next === orders && before.filters === filters ? before : { filters, orders: next };
      }),
    [filters],
  );
  const add = useCallback(
    (event: OrderEvent) => change((orders) => collect(orders, event, filters)),
    [change, filters],
  );
  const forget = useCallback(
    (gone: OrderRow[]) => {
      const ids = new Set(gone.map((each) => each.id));
      change((orders) => orders.filter((each) => !ids.has(each.id)));
    },
    [change],
  );
  const waiting = useMemo(() => {
    const ids = new Set(shown.map((each) => each.id));
    return held.filters === filters ? held.orders.filter((each) => !ids.has(each.id)) : [];
  }, [held, filters, shown]);
  return { waiting, add, forget };
}
