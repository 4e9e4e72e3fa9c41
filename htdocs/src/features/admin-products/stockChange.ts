import { ApiError, NO_ANSWER, toMessage } from "../../shared/api/http";
import { strings } from "../../strings/adminProducts";

export type Direction = "add" | "remove";
export const MOST_STOCK = 1_000_000_000;

/** What is sent, and what the stock will be; or why it can't be. */
export type StockChange = { delta: number; after: number; error?: undefined } | { error: string };

export function stockChange(stock: number, direction: Direction, quantity: string): StockChange {
  const units = Number(quantity);
  if (!Number.isInteger(units) || units < 1) return { error: strings.quantityNeeded };
  const delta = direction === "add" ? units : -units;
  const after = stock + delta;
  if (after < 0) return { error: strings.onlyLeft(stock) };
  return after > MOST_STOCK ? { error: strings.tooMany } : { delta, after };
}

/** The server has the last word: units may have been sold while the form was filled in. */
export function explainStockError(error: unknown, delta: number): string {
  if (!(error instanceof ApiError)) return toMessage(error);
  const { code, problem } = error;
  if (code === NO_ANSWER || code === "outcome-unknown") return strings.stockUnclear;
  if (code !== "stock-out-of-range") return toMessage(error);
  return delta < 0 && problem.available !== undefined ? strings.onlyLeft(problem.available) : strings.tooMany;
}
