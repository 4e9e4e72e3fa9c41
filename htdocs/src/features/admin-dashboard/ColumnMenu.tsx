import { useId } from "react";
import { strings } from "../../strings/adminDashboard";
import { COLUMNS, type Column } from "./useColumns";

/** The browser itself opens and closes it, by Escape and by a press elsewhere too. */
export function ColumnMenu({ columns, onToggle }: { columns: readonly Column[]; onToggle: (column: Column) => void }) {
  const id = useId();
  return (
    <>
      <button type="button" className="dash-columns-button" popoverTarget={id}>
        {strings.columns}
      </button>
      <div id={id} popover="auto" className="dash-columns">
        <fieldset>
          <legend>{strings.columns}</legend>
          {COLUMNS.map((each) => (
            <label key={each} className="check">
              <input type="checkbox" checked={columns.includes(each)} onChange={() => onToggle(each)} />
              {strings.column[each]}
            </label>
          ))}
        </fieldset>
      </div>
    </>
  );
}
