import type { FieldPath, FieldValues, UseFormSetError } from "react-hook-form";
import * as v from "valibot";
import { fieldErrors, toMessage } from "../../shared/api/http";
import { strings } from "../../strings/adminProducts";
import { MOST_STOCK } from "./stockChange";

const name = v.pipe(v.string(), v.trim(), v.nonEmpty(strings.nameNeeded), v.maxLength(200, strings.nameTooLong));
const price = v.pipe(v.number(strings.priceNeeded), v.minValue(0, strings.priceNeeded));

export const newProductSchema = v.object({
  name,
  sku: v.pipe(v.string(), v.trim(), v.maxLength(64, strings.skuTooLong)),
  price,
  stock: v.pipe(
    v.number(strings.stockNeeded),
    v.integer(strings.stockNeeded),
    v.minValue(0, strings.stockNeeded),
    v.maxValue(MOST_STOCK, strings.stockTooMuch),
  ),
  active: v.boolean(),
});
export type NewProductFields = v.InferInput<typeof newProductSchema>;

export const editSchema = v.object({ name, price });
export type EditFields = v.InferInput<typeof editSchema>;

/** Puts the server's words beside their fields. What belongs to none is given back. */
export function showFieldErrors<Fields extends FieldValues>(
  error: unknown,
  names: readonly FieldPath<Fields>[],
  setError: UseFormSetError<Fields>,
): string | undefined {
  const errors = fieldErrors(error);
  const found = names.filter((each) => errors.has(`/${each}`));
  found.forEach((each, i) => {
    setError(each, { message: errors.get(`/${each}`) }, { shouldFocus: i === 0 });
  });
  return found.length > 0 ? undefined : toMessage(error);
}
