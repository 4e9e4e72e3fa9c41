import { type InputHTMLAttributes, type Ref, useId } from "react";
import { strings } from "../../strings/common";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  error?: string;
  hint?: string;
  ref?: Ref<HTMLInputElement>;
}

/** A labelled input with its error beside it; takes what react-hook-form's register() gives. */
export function Field({ label, error, hint, id: given, ...input }: FieldProps) {
  const made = useId();
  const id = given ?? made;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-note` : undefined}
        {...input}
      />
      {(error || hint) && (
        <p id={`${id}-note`} className={error ? "field-error" : "hint"}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

/** "Postcode (optional)". */
export const optional = (label: string) => `${label} (${strings.optional})`;
