import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { OrderRow, OrderStatus } from "../api/types";
import { ConfirmMove } from "./ConfirmMove";
import { describeEffect } from "./describeEffect";
import { moveEffect } from "./moveEffect";

const order = (over: Partial<OrderRow> = {}): OrderRow => ({
  id: "65f000000000000000000001",
  number: "A-000123",
  userId: "65f0000000000000000000aa",
  customer: { name: "Ada", email: "ada@example.com" },
  items: [
    { productId: "65f0000000000000000000b1", name: "Mug", quantity: 2, price: 20, total: 40 },
    { productId: "65f0000000000000000000b2", name: "Pot", quantity: 1, price: 19.97, total: 19.97 },
  ],
  total: 59.97,
  currency: "USD",
  status: "processing",
  paymentReceived: true,
  version: 3,
  createdAt: "2026-01-05T09:30:00.000Z",
  updatedAt: "2026-01-05T09:30:00.000Z",
  allowedTransitions: ["shipped", "cancelled"],
  ...over,
});
const shipped = (over: Partial<OrderRow> = {}) =>
  order({ status: "shipped", allowedTransitions: ["delivered", "returned"], ...over });

// jsdom knows no modal dialogs.
beforeAll(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});

describe("what a move does", () => {
  const cases: [string, OrderRow[], OrderStatus, boolean | undefined, string][] = [
    [
      "paid, cancelled",
      [order()],
      "cancelled",
      undefined,
      "Cancels A-000123: returns 3 units to stock, refund due $59.97",
    ],
    [
      "unpaid, cancelled",
      [order({ paymentReceived: false })],
      "cancelled",
      undefined,
      "Cancels A-000123: returns 3 units to stock",
    ],
    ["returned, nothing said yet", [shipped()], "returned", undefined, "Marks A-000123 returned: refund due $59.97"],
    ["returned, kept out of stock", [shipped()], "returned", false, "Marks A-000123 returned: refund due $59.97"],
    [
      "returned to stock",
      [shipped()],
      "returned",
      true,
      "Marks A-000123 returned: returns 3 units to stock, refund due $59.97",
    ],
    ["shipped", [order()], "shipped", undefined, "Marks A-000123 shipped: 3 units leave the shop"],
    ["delivered", [shipped()], "delivered", undefined, "Marks A-000123 delivered"],
    [
      "two currencies",
      [order(), order({ id: "2", currency: "JPY", total: 500 })],
      "cancelled",
      undefined,
      "Cancels 2 orders: returns 6 units to stock, refund due $59.97 + ¥500",
    ],
    [
      "sums without the errors of binary fractions",
      [order({ total: 0.1 }), order({ total: 0.2 })],
      "cancelled",
      undefined,
      "Cancels 2 orders: returns 6 units to stock, refund due $0.30",
    ],
    [
      "one of two can't",
      [order(), shipped()],
      "cancelled",
      undefined,
      "Cancels A-000123: returns 3 units to stock, refund due $59.97",
    ],
  ];
  it.each(cases)("%s", (_, orders, to, restock, text) => expect(describeEffect(orders, to, restock)).toBe(text));

  it("tells which orders stay as they are", () => {
    const stays = shipped({ id: "2" });
    expect(moveEffect([order(), stays], "cancelled").staying).toEqual([stays]);
  });
});

describe("ConfirmMove", () => {
  const show = (props: Partial<Parameters<typeof ConfirmMove>[0]> = {}) => {
    const onConfirm = vi.fn();
    const onClose = vi.fn();
    render(<ConfirmMove orders={[order()]} to="cancelled" onConfirm={onConfirm} onClose={onClose} {...props} />);
    return { onConfirm, onClose };
  };

  it("names the effect and sends the reason", async () => {
    const { onConfirm } = show();
    expect(screen.getByText(/returns 3 units to stock, refund due \$59\.97/)).toBeVisible();
    await userEvent.type(screen.getByLabelText("Reason (optional)"), " wrong size ");
    await userEvent.click(screen.getByRole("button", { name: "Cancel order" }));
    expect(onConfirm).toHaveBeenCalledWith({ status: "cancelled", reason: "wrong size" });
  });

  it("wants to know whether returned goods can be sold again", async () => {
    const { onConfirm } = show({ orders: [shipped()], to: "returned" });
    await userEvent.click(screen.getByRole("button", { name: "Mark returned" }));
    expect(onConfirm).not.toHaveBeenCalled();
    expect(screen.getByRole("alert")).toHaveTextContent("back into stock");
    expect(screen.getByRole("radio", { name: /^Yes/ })).toHaveFocus();
    await userEvent.click(screen.getByRole("radio", { name: /^No/ }));
    await userEvent.click(screen.getByRole("button", { name: "Mark returned" }));
    expect(onConfirm).toHaveBeenCalledWith({ status: "returned", restock: false });
  });

  it("confirms once while the move is under way", async () => {
    const { onConfirm } = show({ busy: true });
    await userEvent.click(screen.getByRole("button", { name: "Cancel order" }));
    expect(onConfirm).not.toHaveBeenCalled();
  });

  it("asks a customer for no reason", () => {
    show({ own: true });
    expect(screen.queryByLabelText(/Reason/)).toBeNull();
  });

  it("can't confirm what no order can do, and shows why a move failed", () => {
    show({ orders: [shipped()], error: new Error("The shop didn't answer.") });
    expect(screen.getByRole("button", { name: "Cancel order" })).toBeDisabled();
    expect(screen.getByRole("alert")).toHaveTextContent("didn't answer");
  });
});
