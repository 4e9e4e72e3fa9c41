import type { OrderRow, OrderStatus } from "../api/types";
import { sumMoney } from "../format/format";

export interface MoveEffect {
  /** Those that can make the move, and those that stay as they are. */
  moving: OrderRow[];
  staying: OrderRow[];
  /** What the moving ones hold. */
  units: number;
  /** Of these, the units that can be sold again. */
  unitsBack: number;
  /** What customers have paid for the moving ones and get back, a sum a currency. */
  refunds: { amount: number; currency: string }[];
}

/** What a move does besides the status: cancelling gives the units back, returning does if they are restocked, and both owe the customer what was paid. */
export function moveEffect(orders: OrderRow[], to: OrderStatus, restock?: boolean): MoveEffect {
  const moving = orders.filter((order) => order.allowedTransitions.includes(to));
  const units = moving.reduce((sum, order) => sum + unitsOf(order), 0);
  const givesBack = to === "cancelled" || (to === "returned" && restock === true);
  const refunds = to === "cancelled" || to === "returned" ? moving.filter((order) => order.paymentReceived) : [];
  return {
    moving,
    staying: orders.filter((order) => !moving.includes(order)),
    units,
    unitsBack: givesBack ? units : 0,
    refunds: sumByCurrency(refunds),
  };
}

export const unitsOf = (order: OrderRow) => order.items.reduce((sum, line) => sum + line.quantity, 0);

function sumByCurrency(orders: OrderRow[]) {
  const sums = new Map<string, number>();
  for (const { total, currency } of orders) sums.set(currency, sumMoney([sums.get(currency) ?? 0, total]));
  return [...sums].map(([currency, amount]) => ({ currency, amount }));
}
