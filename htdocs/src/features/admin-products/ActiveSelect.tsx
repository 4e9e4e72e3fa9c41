import { useId } from "react";
import { strings } from "../../strings/adminProducts";
import type { ActiveFilter } from "./useProductFilter";

const FILTERS: ActiveFilter[] = ["all", "true", "false"];

export function ActiveSelect({ value, onChange }: { value: ActiveFilter; onChange: (value: ActiveFilter) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{strings.show}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value as ActiveFilter)}>
        {FILTERS.map((each) => (
          <option key={each} value={each}>
            {strings.filters[each]}
          </option>
        ))}
      </select>
    </div>
  );
}
