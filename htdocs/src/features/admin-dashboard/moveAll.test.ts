import { beforeEach, expect, test, vi } from "vitest";
import { ApiError, NO_ANSWER } from "../../shared/api/http";
import { setStatusOfMany } from "../../shared/order/orderMoves";
import { AT_ONCE, moveAll } from "./moveAll";
import { makeOrder } from "./testOrders";

vi.mock("../../shared/order/orderMoves");
const send = vi.mocked(setStatusOfMany);
const orders = (n: number) => Array.from({ length: n }, (_, index) => makeOrder({ id: `id${index}` }));
const done = async (ids: string[]) =>
  ids.map((id) => ({ id, ok: true as const, version: 2, status: "processing" as const }));

beforeEach(() => {
  send.mockReset();
});

test("any number, a hundred at a time", async () => {
  send.mockImplementation(done);
  const outcome = await moveAll(orders(2 * AT_ONCE + 1), { status: "processing" });
  expect(send.mock.calls.map(([ids]) => ids.length)).toEqual([100, 100, 1]);
  expect(outcome.done).toHaveLength(201);
  expect(outcome.failed).toEqual([]);
});

test("each that failed has its reason", async () => {
  const [good, bad] = orders(2);
  if (!good || !bad) throw new Error();
  send.mockResolvedValue([
    {
      id: bad.id,
      ok: false,
      problem: { title: "T", detail: "It was cancelled.", status: 409, code: "invalid-transition" },
    },
    { id: good.id, ok: true, version: 2, status: "processing" },
  ]);
  const outcome = await moveAll([good, bad], { status: "processing" });
  expect(outcome.done.map(({ order }) => order)).toEqual([good]);
  expect(outcome.failed).toEqual([{ order: bad, reason: "It was cancelled." }]);
  expect(outcome.unsure).toBe(false);
});

test("after a request that failed as a whole the rest isn't tried", async () => {
  send.mockImplementationOnce(done);
  send.mockRejectedValueOnce(new ApiError({ title: "No answer came.", status: 0, code: NO_ANSWER }));
  const outcome = await moveAll(orders(3 * AT_ONCE), { status: "processing" });
  expect(send).toHaveBeenCalledTimes(2);
  expect(outcome.done).toHaveLength(100);
  expect(outcome.failed).toHaveLength(200);
  expect(outcome.failed[0]?.reason).toBe("No answer came.");
  expect(outcome.unsure).toBe(true);
});
