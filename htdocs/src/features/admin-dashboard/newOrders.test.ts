import { expect, test } from "vitest";
import type { OrderEvent, OrderRow } from "../../shared/api/types";
import { ALL } from "./filters";
import { collect } from "./newOrders";
import { makeOrder } from "./testOrders";

const PENDING = { ...ALL, statuses: ["pending" as const] };
const event = (type: OrderEvent["type"], data: OrderRow): OrderEvent => ({
  type,
  id: data.id,
  version: data.version,
  at: data.updatedAt,
  data,
});
const first = makeOrder({ id: "1", createdAt: "2026-11-24T12:00:00.000Z" });
const second = makeOrder({ id: "2", createdAt: "2026-11-24T12:01:00.000Z" });
const ids = (orders: OrderRow[]) => orders.map((each) => each.id);

test("new orders wait, the newest first, each once", () => {
  let waiting = collect([], event("order:new", second), ALL);
  waiting = collect(waiting, event("order:new", first), ALL);
  expect(collect(waiting, event("order:new", first), ALL)).toBe(waiting);
  expect(ids(waiting)).toEqual(["2", "1"]);
});

test("what the filter wouldn't list doesn't wait", () => {
  expect(collect([], event("order:new", { ...first, status: "cancelled" }), PENDING)).toEqual([]);
});

test("a change of an order that isn't new says nothing", () => {
  expect(collect([], event("order:status", first), ALL)).toEqual([]);
});

test("what waits is kept up to date, and leaves when it no longer matches", () => {
  const waiting = [second, first];
  const paid = { ...first, version: 2, paymentReceived: true };
  expect(collect(waiting, event("order:payment", paid), PENDING)).toEqual([second, paid]);
  expect(ids(collect(waiting, event("order:status", { ...first, version: 2, status: "processing" }), PENDING))).toEqual(
    ["2"],
  );
});
