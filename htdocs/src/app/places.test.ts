import { expect, it } from "vitest";
import { PLACES, standing } from "./places";

const marked = (role: "customer" | "admin", path: string) =>
  PLACES[role].map((place) => standing(place, path, PLACES[role]));

it.each([
  ["customer", "/", ["page", undefined]],
  ["customer", "/orders/new", [undefined, "page"]],
  ["customer", "/orders/65f0", ["true", undefined]],
  ["customer", "/account", [undefined, undefined]],
  ["admin", "/admin", ["page", undefined, undefined]],
  ["admin", "/admin/orders/65f0", ["true", undefined, undefined]],
  ["admin", "/admin/products", [undefined, "page", undefined]],
] as const)("%s at %s: the navigation marks %j", (role, path, expected) => {
  expect(marked(role, path)).toEqual(expected);
});
