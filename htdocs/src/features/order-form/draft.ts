import type { OrderRequest } from "../../shared/api/types";
import type { AddressFields } from "./address";

export interface DraftLine {
  productId: string;
  name: string;
  quantity: number;
  /** As last seen: a change is told. */
  price: number;
  currency: string;
}

/** What was sent last, and how. */
export interface Attempt {
  /** Of which basket and address. */
  content: string;
  key: string;
  body: OrderRequest;
  /** No answer has told yet what became of it. */
  open: boolean;
}

/** An order that isn't placed yet. It survives a reload and the end of the session, in this tab alone. */
export interface Draft {
  lines: DraftLine[];
  /** Missing until somebody has decided: then the last order's address is offered. */
  ship?: AddressFields;
  attempt?: Attempt;
}

export const EMPTY_DRAFT: Draft = { lines: [] };

const storageKey = (userId: string) => `order-draft ${userId}`;

export function loadDraft(userId: string): Draft {
  try {
    const draft = JSON.parse(sessionStorage.getItem(storageKey(userId)) ?? "null") as Draft | null;
    return Array.isArray(draft?.lines) ? draft : EMPTY_DRAFT;
  } catch {
    // Storage is blocked, or holds what isn't ours.
    return EMPTY_DRAFT;
  }
}

export function saveDraft(userId: string, draft: Draft) {
  try {
    sessionStorage.setItem(storageKey(userId), JSON.stringify(draft));
  } catch {
    // Storage is blocked or full: the draft lasts as long as the page.
  }
}

export function clearDraft(userId: string) {
  try {
    sessionStorage.removeItem(storageKey(userId));
  } catch {
    // Nothing was kept.
  }
}

/** Sets how many of a product are wanted: 0 takes it out. */
export function withQuantity(lines: DraftLine[], line: DraftLine): DraftLine[] {
  if (line.quantity === 0) return lines.filter((each) => each.productId !== line.productId);
  if (!lines.some((each) => each.productId === line.productId)) return [...lines, line];
  return lines.map((each) => (each.productId === line.productId ? line : each));
}
