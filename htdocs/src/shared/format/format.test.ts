import { expect, test } from "vitest";
import { formatAgo, formatMoney, formatWait, isExactMoney, multiplyMoney, sumMoney } from "./format";

test("sums have no errors of binary fractions", () => {
  expect(0.1 * 3).not.toBe(0.3);
  expect(multiplyMoney(0.1, 3)).toBe(0.3);
  expect(multiplyMoney(19.99, 3)).toBe(59.97);
  expect(multiplyMoney(1.005, 3)).toBe(3.015);
  expect(multiplyMoney(1_000_000_000, 10_000)).toBe(10_000_000_000_000);
  expect(sumMoney([0.1, 0.2])).toBe(0.3);
  expect(sumMoney([])).toBe(0);
});

test("sums that a number can't hold exactly are known", () => {
  expect(isExactMoney(59.97)).toBe(true);
  expect(isExactMoney(100_000_000_000_000)).toBe(false);
});

test("money shows the currency's decimals, and none is cut off", () => {
  expect(formatMoney(9.9, "USD")).toContain("9.90");
  expect(formatMoney(1200, "JPY")).toMatch(/1,200$/);
  expect(formatMoney(1.234, "KWD")).toContain("1.234");
  // Intl takes HUF for a currency without decimals, the shop doesn't.
  expect(formatMoney(12.5, "HUF")).toContain("12.5");
});

test("times past and waits ahead are told in one unit", () => {
  const now = Date.parse("2026-01-05T10:00:00Z");
  expect(formatAgo("2026-01-05T09:57:10Z", now)).toMatch(/^2\D/);
  expect(formatAgo("2026-01-05T10:00:05Z", now)).toBe("now");
  expect(formatWait(0.4)).toBe("in 1 second");
  expect(formatWait(40)).toBe("in 40 seconds");
  expect(formatWait(121)).toBe("in 3 minutes");
});
