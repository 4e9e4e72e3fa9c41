import { afterEach, expect, test, vi } from "vitest";
import { clearDraft, type DraftLine, EMPTY_DRAFT, loadDraft, saveDraft, withQuantity } from "./draft";

afterEach(() => sessionStorage.clear());

const line = (productId: string, quantity: number): DraftLine => ({
  productId,
  quantity,
  name: productId,
  price: 1,
  currency: "USD",
});

test("a draft is the user's own, and stays until it is cleared", () => {
  const draft = { lines: [line("a", 2)] };
  saveDraft("ada", draft);
  expect(loadDraft("ada")).toEqual(draft);
  expect(loadDraft("bob")).toEqual(EMPTY_DRAFT);
  clearDraft("ada");
  expect(loadDraft("ada")).toEqual(EMPTY_DRAFT);
});

test("what can't be read is no draft", () => {
  for (const text of ["{", "null", "7", '{"lines":"x"}']) {
    sessionStorage.setItem("order-draft ada", text);
    expect(loadDraft("ada")).toEqual(EMPTY_DRAFT);
  }
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new Error("blocked");
  });
  expect(loadDraft("ada")).toEqual(EMPTY_DRAFT);
});

test("a quantity adds, changes or takes out one line; the others stay in their places", () => {
  const lines = [line("a", 1), line("b", 1)];
  expect(withQuantity(lines, line("c", 3)).map((each) => each.productId)).toEqual(["a", "b", "c"]);
  expect(withQuantity(lines, line("a", 5))).toEqual([line("a", 5), line("b", 1)]);
  expect(withQuantity(lines, line("a", 0))).toEqual([line("b", 1)]);
  expect(withQuantity(lines, line("z", 0))).toEqual(lines);
});
