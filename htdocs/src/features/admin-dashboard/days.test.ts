import { expect, test } from "vitest";
import { dayOf, isDay, lastDays, startOf } from "./days";

test("a day and its midnight", () => {
  expect(dayOf(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
  expect(startOf("2026-01-05").getTime()).toBe(new Date(2026, 0, 5).getTime());
  expect(dayOf(startOf("2026-12-31", 1))).toBe("2027-01-01");
});

test("what is no day", () => {
  expect(isDay("2026-02-28")).toBe(true);
  for (const each of ["2026-02-29", "2026-13-01", "2026-1-1", "today", ""]) expect(isDay(each)).toBe(false);
});

test("the last days go over the ends of months, and today is the last", () => {
  expect(lastDays(4, "2026-03-02")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
  expect(lastDays(30, "2026-11-24")).toHaveLength(30);
});
