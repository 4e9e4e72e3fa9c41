import { describe, expect, it } from "vitest";
import { ApiError } from "../../shared/api/http";
import type { HistoryEntry, Order } from "../../shared/api/types";
import { describeConflict, describeEntry, describeSince, sayWhen } from "./describeChanges";

const NOW = Date.parse("2026-01-05T10:00:00.000Z");
const ADA = { id: "a1", role: "admin", name: "Ada" } as const;
const BOB = { id: "b1", role: "admin", name: "Bob" } as const;
const GRACE = { id: "c1", role: "customer", name: "Grace" } as const;
const entry = (version: number, at: string, over: Partial<HistoryEntry>): HistoryEntry => ({
  version,
  at: `2026-01-05T${at}.000Z`,
  type: "order:status",
  actor: ADA,
  ...over,
});
const order = {
  status: "shipped",
  history: [
    entry(1, "09:00:00", { type: "order:new", to: "pending", actor: GRACE }),
    entry(2, "09:30:00", { type: "order:payment", from: "unpaid", to: "paid" }),
    entry(3, "09:55:00", { from: "pending", to: "processing" }),
    entry(4, "09:59:30", { from: "processing", to: "shipped", actor: BOB }),
  ],
} as Order;
const mismatch = new ApiError({
  title: "Version mismatch",
  status: 412,
  code: "version-mismatch",
  currentVersion: 4,
  currentStatus: "shipped",
  changedBy: { role: "admin", name: "Bob" },
});

describe("who did what", () => {
  it("says it in words, and marks one's own doings", () => {
    expect(order.history.map((each) => describeEntry(each, ADA.id))).toEqual([
      "Grace placed the order",
      "Ada (you) recorded the payment",
      "Ada (you) started processing it",
      "Bob marked it shipped",
    ]);
  });
  it("says when: a moment ago within a minute", () => {
    expect(sayWhen("2026-01-05T09:59:01.000Z", NOW)).toBe("a moment ago");
    expect(sayWhen("2026-01-05T09:55:00.000Z", NOW)).toMatch(/^5\D*ago$/);
  });
});

describe("what happened since the version shown", () => {
  it("tells the one change", () => {
    expect(describeSince(order, 3, ADA.id, NOW)).toBe("Bob marked it shipped a moment ago");
  });
  it("tells all of them, in order", () => {
    expect(describeSince(order, 2, "nobody", NOW)).toMatch(
      /^Ada started processing it 5\D*ago, then Bob marked it shipped a moment ago$/,
    );
  });
  it("tells nothing where nothing happened", () => {
    expect(describeSince(order, 4, ADA.id, NOW)).toBeUndefined();
  });
});

describe("a conflict", () => {
  it("is told from the history", () => {
    expect(describeConflict(order, 3, mismatch, ADA.id, NOW)).toBe("Bob marked it shipped a moment ago");
  });
  it("is told from the refusal where the history could not be fetched", () => {
    const old = { ...order, history: order.history.slice(0, 3) };
    expect(describeConflict(old, 3, mismatch, ADA.id, NOW)).toBe("Bob changed this order. It is shipped now");
  });
});
