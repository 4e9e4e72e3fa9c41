import { expect, test } from "vitest";
import type { OrderRow, OrderStatus } from "../../shared/api/types";
import { groupOrders } from "./groupOrders";
import { itemsSummary } from "./itemsSummary";

const rows = (...statuses: OrderStatus[]) => statuses.map((status, i) => ({ id: `${i}`, status }) as OrderRow);
const statuses = (orders: OrderRow[]) => orders.map((order) => order.status);

test("what is on its way comes first, each group in the order of the list", () => {
  const all = rows("delivered", "pending", "cancelled", "shipped", "returned", "processing");
  const { current, earlier } = groupOrders(all, new Set());
  expect(statuses(current)).toEqual(["pending", "shipped", "processing"]);
  expect(statuses(earlier)).toEqual(["delivered", "cancelled", "returned"]);
});

test("an order that was shown in progress stays there when it ends", () => {
  const { current, earlier } = groupOrders(rows("pending", "delivered", "delivered"), new Set(["1"]));
  expect(current.map((order) => order.id)).toEqual(["0", "1"]);
  expect(earlier.map((order) => order.id)).toEqual(["2"]);
});

test.each([
  [["Tea"], "1 × Tea"],
  [["Tea", "Cup", "Pot"], "1 × Tea, 2 × Cup, 3 × Pot"],
  [["Tea", "Cup", "Pot", "Tin"], "1 × Tea, 2 × Cup and 2 more"],
])("names the first items of %j", (names, summary) => {
  const items = names.map((name, i) => ({ productId: name, name, quantity: i + 1, price: 1, total: i + 1 }));
  expect(itemsSummary(items)).toBe(summary);
});
