import { describe, expect, it } from "vitest";
import { ApiError, NO_ANSWER } from "../../shared/api/http";
import { explainStockError, MOST_STOCK, stockChange } from "./stockChange";
import { stockWord } from "./stockLevel";

describe("stockChange", () => {
  it("adds and takes away", () => {
    expect(stockChange(12, "add", "3")).toEqual({ delta: 3, after: 15 });
    expect(stockChange(12, "remove", "12")).toEqual({ delta: -12, after: 0 });
  });
  it.each(["", "0", "-3", "1.5", "many"])("wants a whole number of 1 or more, not %j", (quantity) => {
    expect(stockChange(12, "add", quantity).error).toMatch(/whole number/);
  });
  it("takes no more than there is", () => {
    expect(stockChange(12, "remove", "13").error).toBe("Only 12 units can be taken away.");
    expect(stockChange(0, "remove", "1").error).toMatch(/nothing to take away/);
  });
  it("stays within what the shop can count", () => {
    expect(stockChange(1, "add", String(MOST_STOCK)).error).toMatch(/1,000,000,000/);
    expect(stockChange(0, "add", String(MOST_STOCK)).error).toBeUndefined();
  });
});

describe("why stock could not be changed", () => {
  const outOfRange = new ApiError({ title: "t", status: 409, code: "stock-out-of-range", available: 2 });
  it("tells what is left by now", () => {
    expect(explainStockError(outOfRange, -5)).toBe("Only 2 units can be taken away.");
  });
  it("tells that it would become too much", () => {
    expect(explainStockError(outOfRange, 5)).toMatch(/more than 1,000,000,000/);
  });
  it("is honest about an answer that got lost", () => {
    expect(explainStockError(new ApiError({ title: "t", status: 0, code: NO_ANSWER }), 5)).toMatch(
      /may have been made/,
    );
  });
});

describe("stockWord", () => {
  it("says when stock is low or out", () => {
    expect([0, 1, 5, 6].map((stock) => stockWord(stock)?.text)).toEqual(["Out of stock", "Low", "Low", undefined]);
  });
});
