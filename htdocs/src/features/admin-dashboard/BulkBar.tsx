import { type OrderRow, type OrderStatus, STATUSES } from "../../shared/api/types";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";

interface BulkBarProps {
  selected: OrderRow[];
  onMove: (status: OrderStatus) => void;
  onClear: () => void;
}

/** What can be done with the selected orders: each move that any of them can make, with how many can. */
export function BulkBar({ selected, onMove, onClear }: BulkBarProps) {
  if (selected.length === 0) return null;
  const moves = STATUSES.map((status) => ({
    status,
    able: selected.filter((each) => each.allowedTransitions.includes(status)).length,
  })).filter(({ able }) => able > 0);
  return (
    <fieldset className="card dash-bulk" aria-label={strings.bulk}>
      <strong>{strings.selected(selected.length)}</strong>
      <button type="button" className="link" onClick={onClear}>
        {strings.clearSelection}
      </button>
      <div className="actions">
        {moves.length === 0 && <span className="muted">{strings.noMove}</span>}
        {moves.map(({ status, able }) => (
          <button
            key={status}
            type="button"
            className={status === "cancelled" || status === "returned" ? "danger" : undefined}
            onClick={() => onMove(status)}
          >
            {common.transition[status]}
            {able < selected.length && <span className="dash-count">{strings.someOf(able, selected.length)}</span>}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
