import { type InputHTMLAttributes, type Ref, useId, useState } from "react";
import { strings } from "../../strings/account";

interface PasswordFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  error?: string;
  hint?: string;
  ref?: Ref<HTMLInputElement>;
}

/** As Field is, with a button that shows what was typed. */
export function PasswordField({ label, error, hint, ...input }: PasswordFieldProps) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const note = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="account-secret">
        <input
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          autoCapitalize="none"
          spellCheck={false}
          {...input}
          type={shown ? "text" : "password"}
        />
        <button type="button" aria-controls={id} onClick={() => setShown(!shown)}>
          {shown ? strings.hide : strings.show} <span className="visually-hidden">{strings.thePassword}</span>
        </button>
      </div>
      {note && (
        <p id={`${id}-note`} className={error ? "field-error" : "hint"}>
          {note}
        </p>
      )}
    </div>
  );
}
