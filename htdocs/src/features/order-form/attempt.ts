import { ApiError } from "../../shared/api/http";
import type { OrderRequest } from "../../shared/api/types";
import type { Attempt } from "./draft";

/** What makes two requests the same order in the eyes of who places it: products, quantities and address, in whatever order they were chosen. */
export function contentOf({ items, shipTo }: OrderRequest): string {
  const sorted = items.map(({ productId, quantity }) => `${productId} ${quantity}`).sort();
  return JSON.stringify([sorted, shipTo ?? null]);
}

/**
 * How to send an order: the same content has the same Idempotency-Key, so that it is placed once, however often it is sent. As long as it isn't known what
 * became of the last attempt, its very body is sent again: the server knows it by that, even if a price has changed since.
 */
export function nextAttempt(body: OrderRequest, last?: Attempt): Attempt {
  const content = contentOf(body);
  if (last?.content !== content) return { content, key: randomKey(), body, open: true };
  return { content, key: last.key, body: last.open ? last.body : body, open: true };
}

/** True when the error doesn't tell whether the order was placed. With a Retry-After it certainly wasn't. */
export function leavesOpen(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return error.status === 0 || (error.status >= 500 && error.retryAfter === undefined);
}

/** crypto.randomUUID is there on safe connections only. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
