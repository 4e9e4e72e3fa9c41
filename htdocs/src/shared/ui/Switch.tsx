import type { InputHTMLAttributes } from "react";

interface SwitchProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "type" | "role"> {
  checked: boolean;
  /** Something is under way: the switch keeps the focus, but does nothing. */
  busy?: boolean;
  onChange: (checked: boolean) => void;
}

/** A checkbox that takes effect at once. */
export function Switch({ checked, busy, onChange, ...input }: SwitchProps) {
  return (
    <input
      type="checkbox"
      role="switch"
      checked={checked}
      aria-checked={checked}
      aria-disabled={busy || undefined}
      onChange={(event) => {
        if (!busy) onChange(event.target.checked);
      }}
      {...input}
    />
  );
}
