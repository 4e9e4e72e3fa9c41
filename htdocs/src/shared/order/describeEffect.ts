import { strings } from "../../strings/moves";
import type { OrderRow, OrderStatus } from "../api/types";
import { formatMoney } from "../format/format";
import { moveEffect } from "./moveEffect";

/** "Cancels A-000123: returns 3 units to stock, refund due $59.97". */
export function describeEffect(orders: OrderRow[], to: OrderStatus, restock?: boolean): string {
  const { moving, units, unitsBack, refunds } = moveEffect(orders, to, restock);
  const first = moving.length === 1 ? moving[0] : undefined;
  const effects: string[] = [];
  if (unitsBack > 0) effects.push(strings.unitsBack(unitsBack));
  if (to === "shipped" && units > 0) effects.push(strings.unitsLeave(units));
  if (refunds.length > 0)
    effects.push(strings.refundDue(refunds.map(({ amount, currency }) => formatMoney(amount, currency)).join(" + ")));
  return strings.effect(strings.does[to](first?.number ?? strings.orders(moving.length)), effects);
}
