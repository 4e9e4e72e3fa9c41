import type { FieldValues, Path, UseFormSetError } from "react-hook-form";
import { ApiError, fieldErrors, toMessage } from "../../shared/api/http";
import { formatWait } from "../../shared/format/format";
import { strings } from "../../strings/account";

/** Fields by what the server calls them: a JSON Pointer, or the code of a problem that is one field's alone. */
type FieldNames<Fields extends FieldValues> = Record<string, Path<Fields>>;

const OWN_WORDS: Record<string, string> = {
  "email-taken": strings.emailTaken,
  "wrong-password": strings.passwordWrong,
  "wrong-credentials": strings.wrongCredentials,
};

/** Puts what the server says of fields beside them, with the focus on the first. Returns what is left to be said. */
export function showServerErrors<Fields extends FieldValues>(
  error: unknown,
  names: FieldNames<Fields>,
  setError: UseFormSetError<Fields>,
): string | null {
  const code = error instanceof ApiError ? error.code : "";
  const message = OWN_WORDS[code] ?? toMessage(error);
  const found = [...fieldErrors(error)].filter(([pointer]) => names[pointer]);
  if (names[code]) found.push([code, message]);
  found.forEach(([name, detail], index) => {
    const field = names[name];
    if (field) setError(field, { message: detail }, { shouldFocus: index === 0 });
  });
  if (found.length > 0) return null;
  const wait = error instanceof ApiError && error.status === 429 ? error.retryAfter : undefined;
  return wait ? strings.tooManyTries(formatWait(wait)) : message;
}
