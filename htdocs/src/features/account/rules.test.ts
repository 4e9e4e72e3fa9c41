import * as v from "valibot";
import { expect, test } from "vitest";
import { email, newPassword } from "./rules";

const message = (schema: v.GenericSchema<string>, text: string) => v.safeParse(schema, text).issues?.[0]?.message;

test("a password has 8 characters or more, however many bytes these are", () => {
  expect(message(newPassword, "1234567")).toMatch(/1 more character is/);
  expect(message(newPassword, "ééé")).toMatch(/5 more characters are/);
  // Four characters, though 16 bytes and 8 units of UTF-16.
  expect(message(newPassword, "😀😀😀😀")).toMatch(/4 more/);
  expect(message(newPassword, "12345678")).toBeUndefined();
});

test("a password has 72 bytes at most", () => {
  expect(message(newPassword, "a".repeat(72))).toBeUndefined();
  expect(message(newPassword, "a".repeat(73))).toMatch(/73 bytes/);
  expect(message(newPassword, "é".repeat(36))).toBeUndefined();
  expect(message(newPassword, "é".repeat(37))).toMatch(/74 bytes/);
});

test("an email address is trimmed and has an @", () => {
  expect(v.parse(email, " ada@example.com ")).toBe("ada@example.com");
  expect(message(email, "o'brien+shop@example.com")).toBeUndefined();
  expect(message(email, "  ")).toMatch(/Enter your/);
  expect(message(email, "ada")).toMatch(/like name@/);
});
