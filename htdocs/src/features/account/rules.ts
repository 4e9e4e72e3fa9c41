import * as v from "valibot";
import { strings } from "../../strings/account";

const MIN_CHARACTERS = 8;
const MAX_BYTES = 72;

export const characters = (text: string) => [...text].length;
export const bytes = (text: string) => new TextEncoder().encode(text).length;

export const filled = (message: string) => v.pipe(v.string(), v.trim(), v.nonEmpty(message));
/** A password is taken as it is, blanks and all. */
export const secret = (message: string) => v.pipe(v.string(), v.nonEmpty(message));

/** What an address exactly is the server knows. */
export const email = v.pipe(filled(strings.emailMissing), v.regex(/^\S+@\S+$/, strings.emailWrong));

/** At least 8 characters, whatever their size; at most 72 bytes, which is what bcrypt reads. */
export const newPassword = v.pipe(
  v.string(),
  v.check(
    (text) => characters(text) >= MIN_CHARACTERS,
    ({ input }) => strings.passwordTooShort(MIN_CHARACTERS - characters(input)),
  ),
  v.check(
    (text) => bytes(text) <= MAX_BYTES,
    ({ input }) => strings.passwordTooLong(bytes(input)),
  ),
);
