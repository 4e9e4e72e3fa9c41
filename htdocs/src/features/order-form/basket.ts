import type { OrderRequest, Problem, Product } from "../../shared/api/types";
import { isExactMoney, multiplyMoney, sumMoney } from "../../shared/format/format";
import { strings } from "../../strings/orderForm";
import { type AddressFields, toAddress } from "./address";
import type { DraftLine } from "./draft";

export const MAX_LINES = 100;
export const MAX_QUANTITY = 10_000;
const LOW = 5;

/** Null: it is gone. Undefined: nothing is known yet. */
export type Known = Product | null | undefined;

export type Trouble = { kind: "gone" } | { kind: "short"; available: number } | { kind: "quantity"; detail: string };

export interface BasketLine extends DraftLine {
  product: Known;
  /** At the present price. */
  each: number;
  sum: number;
  /** What it cost when it was chosen, if that was another price. */
  priceWas?: number;
  trouble?: Trouble;
}

/** Of two states of one product the later; what the server answered to an order counts as of then. */
export function newer(known: Known, listed: Product | undefined): Known {
  if (known === undefined) return listed;
  return known && listed && listed.version > known.version ? listed : known;
}

const isQuantity = (n: number) => Number.isInteger(n) && n >= 1 && n <= MAX_QUANTITY;

function troubleOf(line: DraftLine, product: Known, refusal?: string): Trouble | undefined {
  if (product === null) return { kind: "gone" };
  if (!isQuantity(line.quantity)) return { kind: "quantity", detail: strings.badQuantity(MAX_QUANTITY) };
  if (product && product.stock < line.quantity) return { kind: "short", available: product.stock };
  return refusal ? { kind: "quantity", detail: refusal } : undefined;
}

/** A line as it stands now. `refusal`: what the server said of it. */
export function toBasketLine(line: DraftLine, product: Known, refusal?: string): BasketLine {
  const each = product?.price ?? line.price;
  return {
    ...line,
    product,
    each,
    sum: isQuantity(line.quantity) ? multiplyMoney(each, line.quantity) : 0,
    priceWas: each === line.price ? undefined : line.price,
    trouble: troubleOf(line, product, refusal),
  };
}

export const totalOf = (lines: BasketLine[]) => sumMoney(lines.map((line) => line.sum));
export const unitsOf = (lines: BasketLine[]) =>
  lines.reduce((units, { quantity }) => units + (isQuantity(quantity) ? quantity : 0), 0);

export function toRequest(lines: BasketLine[], ship: AddressFields): OrderRequest {
  const total = totalOf(lines);
  const shipTo = toAddress(ship);
  return {
    items: lines.map(({ productId, quantity }) => ({ productId, quantity })),
    ...(shipTo && { shipTo }),
    // A sum that a number can't hold exactly would be refused for its last digit.
    ...(isExactMoney(total) && { expectedTotal: total }),
  };
}

/** How many of it can be had, where that is less than wanted: 0 is for a line to be taken out. */
export function possible({ trouble, quantity }: BasketLine): number {
  if (trouble?.kind === "gone") return 0;
  return trouble?.kind === "short" ? trouble.available : quantity;
}

export function stockWord(product: Known): { text: string; level: "in" | "low" | "out" } {
  if (!product) return { text: product === null ? strings.gone : "", level: "out" };
  if (product.stock <= 0) return { text: strings.outOfStock, level: "out" };
  if (product.stock <= LOW) return { text: strings.onlyLeft(product.stock), level: "low" };
  return { text: strings.inStock, level: "in" };
}

/** What the answer to an order tells of stock: how many there are of a product, null where it is gone. */
export function stockTold(problem: Problem): Map<string, number | null> {
  const told = new Map<string, number | null>();
  for (const { productId, available } of problem.lines ?? []) {
    if (problem.code === "product-unavailable") told.set(productId, null);
    if (problem.code === "insufficient-stock" && available !== undefined) told.set(productId, available);
  }
  return told;
}

/** What it tells of single lines: the sentence by the product's id. Pointers count the lines as they were sent. */
export function lineErrors(problem: Problem, sent: OrderRequest["items"]): Map<string, string> {
  const errors = new Map<string, string>();
  for (const { pointer, detail } of problem.errors ?? []) {
    const item = sent[Number(/^\/items\/(\d+)/.exec(pointer)?.[1] ?? Number.NaN)];
    if (item) errors.set(item.productId, detail);
  }
  return errors;
}
