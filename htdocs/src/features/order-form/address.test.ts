import { expect, test } from "vitest";
import { type AddressFields, checkAddress, fieldOf, isComplete, NO_ADDRESS, toAddress, toFields } from "./address";

const full: AddressFields = {
  on: true,
  name: "Ada",
  street: "1 Road\nFlat 2",
  city: "London",
  postcode: "E1",
  country: "UK",
};

test("an address goes there and back", () => {
  const address = { name: "Ada", lines: ["1 Road", "Flat 2"], city: "London", postcode: "E1", country: "UK" };
  expect(toAddress(full)).toEqual(address);
  expect(toFields(address)).toEqual(full);
  expect(toFields({ ...address, postcode: undefined }).postcode).toBe("");
});

test("what isn't wanted isn't sent, and isn't checked", () => {
  expect(toAddress({ ...full, on: false })).toBeUndefined();
  expect(checkAddress({ ...full, on: false, city: "" })).toBeUndefined();
  expect(isComplete({ ...full, on: false })).toBe(false);
});

test("each field that lacks is told; the postcode may", () => {
  expect(checkAddress({ ...full, postcode: "" })).toBeUndefined();
  expect(isComplete(full)).toBe(true);
  expect(Object.keys(checkAddress({ ...NO_ADDRESS, on: true }) ?? {})).toEqual(["name", "street", "city", "country"]);
  expect(checkAddress({ ...full, city: "  " })).toEqual({ city: "Enter the city." });
  expect(checkAddress({ ...full, street: "\n \n" })).toEqual({ street: "Enter the street and the house number." });
  expect(checkAddress({ ...full, street: "x\n".repeat(9) })).toEqual({ street: "At most 8 lines." });
  expect(checkAddress({ ...full, street: "x".repeat(201) })).toEqual({ street: "At most 200 characters." });
});

test("the server's pointers lead to the fields", () => {
  expect(["/shipTo/city", "/shipTo/lines/1", "/shipTo/lines", "/shipTo", "/items/0"].map(fieldOf)).toEqual([
    "city",
    "street",
    "street",
    "name",
    undefined,
  ]);
});
