import { expect, test } from "vitest";
import { ALL, apiQuery, type Filters, isFiltered, parseFilters, printFilters, toggleStatus } from "./filters";

const parse = (query: string) => parseFilters(new URLSearchParams(query));
const every: Filters = {
  q: "maya+shop@example.com",
  statuses: ["pending", "shipped"],
  paid: false,
  from: "2026-11-01",
  to: "2026-11-24",
  minTotal: 19.99,
  sort: "-total",
};

test.each<[string, Filters]>([
  ["nothing", ALL],
  ["everything", every],
  ["paid", { ...ALL, paid: true }],
  ["a number", { ...ALL, q: "A-000123" }],
  ["signs of its own", { ...ALL, q: "a&b=c%20,é" }],
  ["a sort", { ...ALL, sort: "total" }],
  ["a whole amount", { ...ALL, minTotal: 5 }],
])("the address gives back what was put in: %s", (_, filters) => {
  expect(parse(printFilters(filters).toString())).toEqual(filters);
});

test("what makes no sense is ignored", () => {
  expect(
    parse("status=lost,,PENDING&paid=perhaps&from=yesterday&to=2026-02-31&min=-5&sort=name&after=x&limit=9&q=%20"),
  ).toEqual(ALL);
  for (const min of ["0", "1e9", "NaN", "1,000.5", "1.2345", ""]) expect(parse(`min=${min}`).minTotal).toBeUndefined();
  expect(parse("status=shipped,lost,pending,shipped").statuses).toEqual(["pending", "shipped"]);
});

test("the list of all orders has a clean address", () => {
  expect(printFilters(ALL).toString()).toBe("");
  expect(isFiltered({ ...ALL, sort: "total" })).toBe(false);
  expect(isFiltered({ ...ALL, paid: false })).toBe(true);
});

test("the API gets instants; the last day is inside", () => {
  const query = apiQuery(every);
  expect(query.get("from")).toBe(new Date(2026, 10, 1).toISOString());
  expect(query.get("to")).toBe(new Date(2026, 10, 25).toISOString());
  expect(query.get("status")).toBe("pending,shipped");
  expect(query.get("paymentReceived")).toBe("false");
  expect(query.get("minTotal")).toBe("19.99");
  expect(apiQuery(ALL).toString()).toBe("sort=-createdAt");
});

test("statuses combine, in the order of an order's life", () => {
  expect(toggleStatus(["shipped"], "pending")).toEqual(["pending", "shipped"]);
  expect(toggleStatus(["pending", "shipped"], "pending")).toEqual(["shipped"]);
});
