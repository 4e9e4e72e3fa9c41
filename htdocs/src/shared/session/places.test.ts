import { expect, test } from "vitest";
import { placeAfterSignIn } from "./places";

const after = (next: string, role: "customer" | "admin" = "customer") =>
  placeAfterSignIn(`?next=${encodeURIComponent(next)}`, role);

test("goes to the page that was asked for, with its query", () => {
  expect(after("/orders/new?reorder=65f")).toBe("/orders/new?reorder=65f");
  expect(after("/")).toBe("/");
  expect(after("/account")).toBe("/account");
  expect(after("/admin?status=pending&q=a%20b", "admin")).toBe("/admin?status=pending&q=a%20b");
});

test("goes home without a page, and instead of a page of the other role", () => {
  expect(placeAfterSignIn("", "customer")).toBe("/");
  expect(placeAfterSignIn("", "admin")).toBe("/admin");
  expect(after("/admin/users")).toBe("/");
  expect(after("/orders/new", "admin")).toBe("/admin");
  expect(after("/administration", "admin")).toBe("/admin");
  expect(after("/login")).toBe("/");
});

test.each([
  "//evil.example",
  "//evil.example/orders/1",
  "/\\evil.example",
  "/\t/evil.example/orders/1",
  "/\n\\evil.example/orders/1",
  "https://evil.example/orders/1",
  "javascript:alert(1)",
  "orders/1",
  "",
])("never leaves the site: %j", (next) => {
  expect(after(next)).toBe("/");
});
