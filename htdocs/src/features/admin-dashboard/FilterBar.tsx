import { type ReactNode, useId } from "react";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";
import { isDay } from "./days";
import { type Filters, LONGEST_SEARCH, parseAmount } from "./filters";
import type { ChangeFilters } from "./useFilters";
import { useNarrow } from "./useNarrow";
import { useTypedValue } from "./useTypedValue";

interface FilterBarProps {
  filters: Filters;
  onChange: ChangeFilters;
}

export function FilterBar({ filters, onChange }: FilterBarProps) {
  const narrow = useNarrow();
  const fields = <FilterFields filters={filters} onChange={onChange} />;
  return (
    <search className="dash-filters">
      <SearchBox filters={filters} onChange={onChange} />
      {narrow ? (
        <details className="dash-fold">
          <summary>{strings.filters}</summary>
          <div className="dash-fold-fields">{fields}</div>
        </details>
      ) : (
        fields
      )}
    </search>
  );
}

function SearchBox({ filters, onChange }: FilterBarProps) {
  const id = useId();
  // Going back leads to the list before the search, not to each pause of the typist.
  const { text, setText, sendNow } = useTypedValue(
    filters.q,
    (typed) => typed.trim(),
    (q) => onChange({ q }, { replace: filters.q !== "" }),
  );
  return (
    <form
      className="field dash-search"
      onSubmit={(event) => {
        event.preventDefault();
        sendNow();
      }}
    >
      <label htmlFor={id}>{strings.search}</label>
      <input
        id={id}
        type="search"
        value={text}
        maxLength={LONGEST_SEARCH}
        placeholder={strings.searchHint}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}

const PAID = { any: undefined, yes: true, no: false } as const;

function FilterFields({ filters, onChange }: FilterBarProps) {
  const paid = filters.paid === undefined ? "any" : filters.paid ? "yes" : "no";
  return (
    <>
      <Labelled label={strings.payment}>
        {(id) => (
          <select
            id={id}
            value={paid}
            onChange={(event) => onChange({ paid: PAID[event.target.value as keyof typeof PAID] })}
          >
            <option value="any">{strings.anyPayment}</option>
            <option value="yes">{common.status.paid}</option>
            <option value="no">{common.status.unpaid}</option>
          </select>
        )}
      </Labelled>
      <DayField label={strings.from} day={filters.from} max={filters.to} onChange={(from) => onChange({ from })} />
      <DayField label={strings.to} day={filters.to} min={filters.from} onChange={(to) => onChange({ to })} />
      <AmountField amount={filters.minTotal} onChange={(minTotal) => onChange({ minTotal })} />
    </>
  );
}

interface DayFieldProps {
  label: string;
  day: string;
  min?: string;
  max?: string;
  onChange: (day: string) => void;
}

/** Whoever types 2026 passes through the year 2. */
const FIRST_DAY = "2000-01-01";

function DayField({ label, day, min, max, onChange }: DayFieldProps) {
  const { text, setText } = useTypedValue(day, (typed) => (isDay(typed) && typed >= FIRST_DAY ? typed : ""), onChange);
  return (
    <Labelled label={label}>
      {(id) => (
        <input
          id={id}
          type="date"
          value={text}
          min={min || undefined}
          max={max || undefined}
          onChange={(event) => setText(event.target.value)}
        />
      )}
    </Labelled>
  );
}

function AmountField({
  amount,
  onChange,
}: {
  amount: number | undefined;
  onChange: (amount: number | undefined) => void;
}) {
  const { text, setText } = useTypedValue(
    String(amount ?? ""),
    (typed) => String(parseAmount(typed) ?? ""),
    (value) => onChange(parseAmount(value)),
  );
  return (
    <Labelled label={strings.minTotal}>
      {(id) => (
        <input
          id={id}
          inputMode="decimal"
          autoComplete="off"
          value={text}
          aria-invalid={(text.trim() !== "" && parseAmount(text) === undefined) || undefined}
          onChange={(event) => setText(event.target.value)}
        />
      )}
    </Labelled>
  );
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}
