import { expect, it } from "vitest";
import { orderNumber } from "./useFound";

it.each([
  ["123", "A-000123"],
  ["a123", "A-000123"],
  ["A-000123", "A-000123"],
  ["a-1234567", "A-1234567"],
  ["mug", undefined],
  ["12 mugs", undefined],
  ["65f0c0ffee65f0c0ffee65f0", undefined],
  ["", undefined],
])("%j means the order %j", (words, number) => {
  expect(orderNumber(words)).toBe(number);
});
