import { expect, test } from "vitest";
import { ticks } from "./ticks";

test.each([
  [391.4, [0, 200, 400]],
  [100, [0, 50, 100]],
  [7, [0, 5, 10]],
  [0.03, [0, 0.02, 0.04]],
  [0, [0, 0.01]],
])("up to %s", (max, expected) => {
  const got = ticks(max, 2, 0.01);
  expect(got).toHaveLength(expected.length);
  got.forEach((each, index) => {
    expect(each).toBeCloseTo(expected[index] ?? Number.NaN);
  });
});
