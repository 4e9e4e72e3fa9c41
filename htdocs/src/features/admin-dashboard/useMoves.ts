import { useCallback, useMemo, useState } from "react";
import type { OrderRow, OrderStatus, StatusChange } from "../../shared/api/types";
import { moveAll, type Outcome } from "./moveAll";

/** An order looks moved until a version is known that tells. */
interface Moved {
  status: OrderStatus;
  until: number;
}

/** Rows look moved at once; those that the server doesn't move look as before when its answer comes. What became of the others comes as live event or by the next
    refresh: the answer itself tells no more than the status. */
export function useMoves(rows: OrderRow[]) {
  const [moved, setMoved] = useState<ReadonlyMap<string, Moved>>(new Map());
  const shown = useMemo(
    () => (moved.size === 0 ? rows : rows.map((row) => asMoved(row, moved.get(row.id)))),
    [rows, moved],
  );
  const move = useCallback(async (orders: OrderRow[], change: StatusChange): Promise<Outcome> => {
    const able = orders.filter((each) => each.allowedTransitions.includes(change.status));
    setMoved((before) => {
      const after = new Map(before);
      for (const { id, version } of able) after.set(id, { status: change.status, until: version + 1 });
      return after;
    });
    const outcome = await moveAll(orders, change);
    setMoved((before) => {
      const after = new Map(before);
      for (const { order } of outcome.failed) after.delete(order.id);
      for (const { order, result } of outcome.done)
        after.set(order.id, { status: result.status, until: result.version });
      return after;
    });
    return outcome;
  }, []);
  return { shown, move };
}

function asMoved(row: OrderRow, to: Moved | undefined): OrderRow {
  return to && row.version < to.until ? { ...row, status: to.status, allowedTransitions: [] } : row;
}
