import { describe, expect, it } from "vitest";
import { ApiError, NO_ANSWER } from "../../shared/api/http";
import type { Order, OrderStatus } from "../../shared/api/types";
import { explainRefusal, mayPass } from "./explainRefusal";
import { explainStanding, foresee, standing, type Wanted } from "./wanted";

const order = (status: OrderStatus, allowedTransitions: OrderStatus[], paymentReceived = true) =>
  ({ status, allowedTransitions, paymentReceived, version: 2, history: [] }) as unknown as Order;
const move = (status: OrderStatus): Wanted => ({ kind: "status", change: { status } });
const pay = (paymentReceived: boolean): Wanted => ({ kind: "payment", paymentReceived });
const refusal = (status: number, code: string, retryAfter?: number) =>
  new ApiError({ title: "Title", status, code }, retryAfter);

const pending = order("pending", ["processing", "cancelled"]);
const shipped = order("shipped", ["delivered", "returned"]);

describe("foresee", () => {
  it("shows the new status and leaves version and history to the server", () => {
    expect(foresee(pending, move("processing"))).toEqual({ ...pending, status: "processing", refundDue: false });
  });
  it("knows that a paid order which is cancelled or returned owes a refund, and an unpaid one does not", () => {
    expect(foresee(pending, move("cancelled")).refundDue).toBe(true);
    expect(foresee(shipped, move("returned")).refundDue).toBe(true);
    expect(foresee(order("pending", [], false), move("cancelled")).refundDue).toBe(false);
  });
  it("shows the payment", () => {
    expect(foresee(pending, pay(false)).paymentReceived).toBe(false);
  });
});

describe("standing", () => {
  const cases: [string, Order, Wanted, string, RegExp][] = [
    ["a move that is still allowed", pending, move("processing"), "possible", /still do it: Start processing/],
    ["a move that somebody else made", shipped, move("shipped"), "done", /shipped already/],
    ["a move that is not allowed any more", shipped, move("cancelled"), "impossible", /can't be cancelled any more/],
    ["a payment to be taken back in time", pending, pay(false), "possible", /Take the payment back/],
    ["a payment to be taken back too late", shipped, pay(false), "impossible", /is shipped: its payment/],
    ["a payment that is recorded already", shipped, pay(true), "done", /recorded already/],
    ["a late payment", order("shipped", [], false), pay(true), "possible", /Record the payment/],
  ];
  it.each(cases)("%s", (_, now, wanted, where, text) => {
    expect(standing(now, wanted)).toBe(where);
    expect(explainStanding(now, wanted)).toMatch(text);
  });
});

describe("why it was refused", () => {
  it("says what to do when the order isn't paid", () => {
    const text = explainRefusal(refusal(409, "payment-required"), pending, move("shipped"));
    expect(text).toMatch(/Switch on "Payment received" first/);
  });
  it("names where the order stands and where it can't go", () => {
    const text = explainRefusal(refusal(409, "invalid-transition"), shipped, move("cancelled"));
    expect(text).toBe("It is shipped and can't be cancelled.");
  });
  it("is honest about an answer that got lost", () => {
    expect(explainRefusal(refusal(0, NO_ANSWER), pending, move("processing"))).toMatch(/isn't certain/);
    expect(explainRefusal(refusal(0, NO_ANSWER), shipped, move("shipped"))).toMatch(/the change was made/);
  });
  it("tells how long to wait", () => {
    expect(explainRefusal(refusal(503, "busy", 2), pending, move("processing"))).toMatch(/2 seconds/);
  });
  it("offers another try only where it can help", () => {
    expect(mayPass(refusal(503, "busy"))).toBe(true);
    expect(mayPass(refusal(0, NO_ANSWER))).toBe(true);
    expect(mayPass(refusal(409, "payment-required"))).toBe(false);
  });
});
