import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Stats } from "../../shared/api/types";
import { Revenue } from "./Revenue";

const stats = {
  currency: "USD",
  revenue: { total: 150, byDay: [{ date: "2026-11-22", orders: 2, revenue: 150 }] },
} as Stats;
const days = ["2026-11-22", "2026-11-23", "2026-11-24"];

test("the chart says what it shows, and each day's value can be read without a mouse", () => {
  render(<Revenue stats={stats} days={days} />);
  expect(screen.getByRole("img")).toHaveAccessibleName(/^Revenue by day.*\$150\.00 in all.*22/);
  const pointer = screen.getByRole("slider");
  expect(pointer).toHaveAttribute("aria-valuetext", expect.stringMatching(/24.*\$0\.00, 0 orders/));
  fireEvent.change(pointer, { target: { value: "0" } });
  expect(pointer).toHaveAttribute("aria-valuetext", expect.stringMatching(/22.*\$150\.00, 2 orders/));
  expect(screen.getByText("$150.00 · 2 orders")).toBeVisible();
});

test("as a table, with a row for each day", async () => {
  render(<Revenue stats={stats} days={days} />);
  await userEvent.click(screen.getByRole("button", { name: "Show as table" }));
  expect(screen.getAllByRole("row")).toHaveLength(4);
  expect(screen.getByRole("row", { name: /23.*0.*\$0\.00/ })).toBeVisible();
});
