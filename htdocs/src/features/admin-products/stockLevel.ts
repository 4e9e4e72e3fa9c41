import { strings } from "../../strings/adminProducts";

/** As the figures of low stock have it. */
const LOW = 5;

/** What is worth saying of a stock, in words. */
export function stockWord(stock: number): { text: string; tone: "warn" | "bad" } | undefined {
  if (stock === 0) return { text: strings.outOfStock, tone: "bad" };
  return stock <= LOW ? { text: strings.low, tone: "warn" } : undefined;
}
