import { expect, test } from "vitest";
import { ApiError } from "../../shared/api/http";
import type { OrderRequest } from "../../shared/api/types";
import { contentOf, leavesOpen, nextAttempt, randomKey } from "./attempt";

const order = (quantity: number, expectedTotal = 10): OrderRequest => ({
  items: [
    { productId: "a", quantity },
    { productId: "b", quantity: 1 },
  ],
  expectedTotal,
});
const address = { name: "Ada", lines: ["1 Road"], city: "London", country: "UK" };

test("the content is what is ordered and where it goes: neither the sum nor the sequence", () => {
  const { items } = order(1);
  expect(contentOf(order(1, 10))).toBe(contentOf(order(1, 99)));
  expect(contentOf({ items: [...items].reverse() })).toBe(contentOf({ items }));
  expect(contentOf(order(2))).not.toBe(contentOf(order(1)));
  expect(contentOf({ items, shipTo: address })).not.toBe(contentOf({ items }));
  expect(contentOf({ items, shipTo: address })).not.toBe(contentOf({ items, shipTo: { ...address, city: "Paris" } }));
});

test("the same content keeps its key, another gets another", () => {
  const first = nextAttempt(order(1));
  expect(first.open).toBe(true);
  expect(nextAttempt(order(1), first).key).toBe(first.key);
  expect(nextAttempt(order(1), { ...first, open: false }).key).toBe(first.key);
  expect(nextAttempt(order(2), first).key).not.toBe(first.key);
});

test("without an answer the very same body is sent again, whatever it would cost by now", () => {
  const first = nextAttempt(order(1, 10));
  expect(nextAttempt(order(1, 12), first).body.expectedTotal).toBe(10);
  expect(nextAttempt(order(1, 12), { ...first, open: false }).body.expectedTotal).toBe(12);
});

test("only an answer that says so tells that nothing was ordered", () => {
  const error = (status: number, retryAfter?: number) => new ApiError({ title: "", status, code: "" }, retryAfter);
  for (const open of [error(0), error(500), error(502), error(503), error(504), new Error()])
    expect(leavesOpen(open)).toBe(true);
  for (const closed of [error(503, 2), error(401), error(409), error(422), error(429, 9)])
    expect(leavesOpen(closed)).toBe(false);
});

test("keys are random", () => {
  expect(randomKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomKey()).not.toBe(randomKey());
});
