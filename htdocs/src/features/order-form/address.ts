import * as v from "valibot";
import type { Address } from "../../shared/api/types";
import { strings } from "../../strings/orderForm";

/** The address as it is typed. */
export interface AddressFields {
  /** False: the order has none. */
  on: boolean;
  name: string;
  /** A line each. */
  street: string;
  city: string;
  postcode: string;
  country: string;
}

export const NO_ADDRESS: AddressFields = { on: false, name: "", street: "", city: "", postcode: "", country: "" };

const MAX_LINES = 8;
const MAX_LENGTH = 200;

const linesOf = (street: string) =>
  street
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

const text = (missing: string) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(missing), v.maxLength(MAX_LENGTH, strings.tooLong));

const Full = v.object({
  name: text(strings.nameMissing),
  street: v.pipe(
    v.string(),
    v.check((street) => linesOf(street).length > 0, strings.streetMissing),
    v.check((street) => linesOf(street).length <= MAX_LINES, strings.streetTooMany),
    v.check((street) => linesOf(street).every((line) => line.length <= MAX_LENGTH), strings.tooLong),
  ),
  city: text(strings.cityMissing),
  postcode: v.pipe(v.string(), v.trim(), v.maxLength(MAX_LENGTH, strings.tooLong)),
  country: text(strings.countryMissing),
});

export type AddressErrors = Partial<Record<keyof AddressFields, string>>;

/** What is wrong, a sentence a field. An address that isn't wanted may be half filled in. */
export function checkAddress(fields: AddressFields): AddressErrors | undefined {
  if (!fields.on) return undefined;
  const errors: AddressErrors = {};
  for (const { path, message } of v.safeParse(Full, fields).issues ?? []) {
    const field = path?.[0].key as keyof AddressFields;
    errors[field] ??= message;
  }
  return Object.keys(errors).length > 0 ? errors : undefined;
}

export const isComplete = (fields: AddressFields) => fields.on && !checkAddress(fields);

export function toAddress(fields: AddressFields): Address | undefined {
  if (!fields.on) return undefined;
  const postcode = fields.postcode.trim();
  return {
    name: fields.name.trim(),
    lines: linesOf(fields.street),
    city: fields.city.trim(),
    ...(postcode && { postcode }),
    country: fields.country.trim(),
  };
}

export function toFields({ name, lines, city, postcode, country }: Address): AddressFields {
  return { on: true, name, street: lines.join("\n"), city, postcode: postcode ?? "", country };
}

/** The field that the server means by a JSON Pointer. */
export function fieldOf(pointer: string): keyof AddressFields | undefined {
  const [, part, name] = pointer.split("/");
  if (part !== "shipTo") return undefined;
  if (name === "city" || name === "postcode" || name === "country") return name;
  return name === "lines" ? "street" : "name";
}
