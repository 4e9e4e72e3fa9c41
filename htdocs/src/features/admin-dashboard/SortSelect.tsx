import { useId } from "react";
import { strings } from "../../strings/adminDashboard";
import { SORTS, type Sort } from "./filters";

export function SortSelect({ sort, onSort }: { sort: Sort; onSort: (sort: Sort) => void }) {
  const id = useId();
  return (
    <div className="dash-sort">
      <label htmlFor={id}>{strings.sort}</label>
      <select
        id={id}
        value={sort}
        onChange={(event) => {
          const chosen = SORTS.find((each) => each === event.target.value);
          if (chosen) onSort(chosen);
        }}
      >
        {SORTS.map((each) => (
          <option key={each} value={each}>
            {strings.sorts[each]}
          </option>
        ))}
      </select>
    </div>
  );
}
