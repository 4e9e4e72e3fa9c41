import { expect, test } from "vitest";
import type { Problem, Product } from "../../shared/api/types";
import { NO_ADDRESS } from "./address";
import { lineErrors, newer, possible, stockTold, stockWord, toBasketLine, toRequest, totalOf, unitsOf } from "./basket";

const product = (part: Partial<Product> = {}): Product => ({
  id: "a",
  name: "Mug",
  price: 0.1,
  stock: 20,
  active: true,
  version: 3,
  createdAt: "",
  updatedAt: "",
  currency: "USD",
  ...part,
});
const draftLine = (quantity: number) => ({ productId: "a", name: "Mug", price: 0.1, currency: "USD", quantity });
const line = (quantity: number, part: Partial<Product> = {}) => toBasketLine(draftLine(quantity), product(part));

test("sums are exact, and at the present price", () => {
  expect(line(3).sum).toBe(0.3);
  expect(totalOf([line(3), line(3)])).toBe(0.6);
  expect(line(3, { price: 0.2 })).toMatchObject({ each: 0.2, sum: 0.6, priceWas: 0.1 });
  expect(line(3).priceWas).toBeUndefined();
  expect(toBasketLine(draftLine(3), undefined)).toMatchObject({ sum: 0.3, trouble: undefined });
});

test("a quantity that can't be had is told, never cut", () => {
  expect(line(20).trouble).toBeUndefined();
  expect(line(21)).toMatchObject({ quantity: 21, trouble: { kind: "short", available: 20 } });
  expect(toBasketLine(draftLine(1), null).trouble).toEqual({ kind: "gone" });
  for (const n of [0.5, -1, 10_001, Number.NaN])
    expect(line(n, { stock: 50_000 })).toMatchObject({ sum: 0, trouble: { kind: "quantity" } });
  expect(line(10_000, { stock: 50_000 }).trouble).toBeUndefined();
  expect(toBasketLine(draftLine(1), product(), "Must be less.").trouble).toEqual({
    kind: "quantity",
    detail: "Must be less.",
  });
});

test("what of it can be had", () => {
  expect(possible(line(21))).toBe(20);
  expect(possible(line(2))).toBe(2);
  expect(possible(toBasketLine(draftLine(1), null))).toBe(0);
  expect(unitsOf([line(2), line(3), line(0.5)])).toBe(5);
});

test("the later state of a product counts; what an order's answer told, unless something newer came", () => {
  const told = product({ stock: 2 });
  expect(newer(told, product())).toBe(told);
  expect(newer(told, product({ version: 4 }))).toMatchObject({ version: 4 });
  expect(newer(null, product())).toBeNull();
  expect(newer(undefined, told)).toBe(told);
  expect(newer(told, undefined)).toBe(told);
});

test("stock in words", () => {
  const word = (stock: number) => stockWord(product({ stock })).text;
  expect([word(6), word(5), word(1), word(0)]).toEqual(["In stock", "Only 5 left", "Only 1 left", "Out of stock"]);
  expect(stockWord(null).text).toBe("No longer available");
});

test("a request names products, quantities and the sum that is shown, and the address if there is one", () => {
  expect(toRequest([line(3)], NO_ADDRESS)).toEqual({ items: [{ productId: "a", quantity: 3 }], expectedTotal: 0.3 });
  const ship = { on: true, name: " Ada ", street: "1 Road\n\n Flat 2 ", city: "London", postcode: " ", country: "UK" };
  expect(toRequest([line(3)], ship).shipTo).toEqual({
    name: "Ada",
    lines: ["1 Road", "Flat 2"],
    city: "London",
    country: "UK",
  });
  expect(toRequest([line(10_000, { price: 1e10 })], NO_ADDRESS).expectedTotal).toBeUndefined();
});

test("an answer is taken apart into its lines", () => {
  const problem = (code: string, part: Partial<Problem>): Problem => ({ title: "", status: 409, code, ...part });
  const lines = [
    { productId: "a", requested: 5, available: 2 },
    { productId: "b", requested: 1, available: 0 },
  ];
  expect([...stockTold(problem("insufficient-stock", { lines }))]).toEqual([
    ["a", 2],
    ["b", 0],
  ]);
  expect([...stockTold(problem("product-unavailable", { lines: [{ productId: "a" }] }))]).toEqual([["a", null]]);
  expect(stockTold(problem("price-changed", {})).size).toBe(0);
  const errors = [
    { pointer: "/items/1/quantity", code: "", detail: "At most 10000." },
    { pointer: "/items/7", code: "", detail: "?" },
    { pointer: "/shipTo/city", code: "", detail: "?" },
  ];
  const sent = [
    { productId: "a", quantity: 1 },
    { productId: "b", quantity: 99_999 },
  ];
  expect([...lineErrors(problem("validation-failed", { errors }), sent)]).toEqual([["b", "At most 10000."]]);
});
