import { useId } from "react";
import { Field, optional } from "../../shared/ui/Field";
import { strings } from "../../strings/orderForm";
import { type AddressFields, toAddress } from "./address";
import type { AddressForm } from "./useAddress";

/** Where the order goes, if anywhere: shown as an address once it is known, as fields while it is typed. */
export function AddressPart({ form }: { form: AddressForm }) {
  const { fields, editing, set, edit, frame } = form;
  return (
    <fieldset className="stack" ref={frame}>
      <label className="check">
        <input type="checkbox" checked={fields.on} onChange={(event) => set({ on: event.target.checked })} />
        {strings.ship}
      </label>
      {!fields.on && <p className="hint">{strings.shipHint}</p>}
      {fields.on && editing && <Fields form={form} />}
      {fields.on && !editing && (
        <div className="order-address">
          <KnownAddress fields={fields} />
          <button type="button" className="link" onClick={edit}>
            {strings.changeAddress}
          </button>
        </div>
      )}
    </fieldset>
  );
}

function KnownAddress({ fields }: { fields: AddressFields }) {
  const { name, lines = [], city, postcode, country } = toAddress(fields) ?? {};
  return <address>{[name, ...lines, [postcode, city].filter(Boolean).join(" "), country].join("\n")}</address>;
}

type TextField = Exclude<keyof AddressFields, "on" | "street">;

function Fields({ form: { fields, errors, set } }: { form: AddressForm }) {
  const field = (name: TextField, autoComplete: string) => ({
    autoComplete: `shipping ${autoComplete}`,
    maxLength: 200,
    value: fields[name],
    error: errors[name],
    onChange: (event: { target: HTMLInputElement }) => set({ [name]: event.target.value }),
  });
  return (
    <>
      <Field label={strings.name} {...field("name", "name")} />
      <StreetField value={fields.street} error={errors.street} onChange={(street) => set({ street })} />
      <div className="order-city">
        <Field label={optional(strings.postcode)} {...field("postcode", "postal-code")} />
        <Field label={strings.city} {...field("city", "address-level2")} />
      </div>
      <Field label={strings.country} {...field("country", "country-name")} />
    </>
  );
}

function StreetField({
  value,
  error,
  onChange,
}: {
  value: string;
  error?: string;
  onChange: (street: string) => void;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{strings.street}</label>
      <textarea
        id={id}
        rows={2}
        autoComplete="shipping street-address"
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-note` : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {error && (
        <p id={`${id}-note`} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}
