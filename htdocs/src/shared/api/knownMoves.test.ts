import { beforeEach, expect, test } from "vitest";
import { forgetMoves, knowsMoves, rememberMoves, withMoves } from "./knownMoves";
import type { OrderRow } from "./types";

const order = (status: OrderRow["status"]) => ({ id: "1", number: "A-000001", status, version: 2 }) as OrderRow;

beforeEach(forgetMoves);

test("an order of an event gets the moves that answers told of its status", () => {
  rememberMoves({ data: [{ ...order("pending"), allowedTransitions: ["processing"] }], next: null });
  rememberMoves({ ...order("delivered"), allowedTransitions: [] });
  expect(withMoves(order("pending")).allowedTransitions).toEqual(["processing"]);
  expect(knowsMoves("delivered")).toBe(true);
  expect(knowsMoves("shipped")).toBe(false);
  expect(withMoves(order("shipped")).allowedTransitions).toEqual([]);
});

test("what the order itself tells wins", () => {
  rememberMoves({ ...order("pending"), allowedTransitions: ["processing"] });
  expect(withMoves({ ...order("pending"), allowedTransitions: ["cancelled"] }).allowedTransitions).toEqual([
    "cancelled",
  ]);
});

test("other answers say nothing", () => {
  for (const answer of [null, "", 1, {}, { status: "ready" }, { data: "x" }, [null], { data: [{ status: "pending" }] }])
    rememberMoves(answer);
  expect(knowsMoves("pending")).toBe(false);
});
