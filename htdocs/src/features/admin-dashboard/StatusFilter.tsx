import { type OrderStatus, STATUSES, type Stats } from "../../shared/api/types";
import { formatNumber } from "../../shared/format/format";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";
import { toggleStatus } from "./filters";
import { DAYS } from "./useFigures";

interface StatusFilterProps {
  counts: Stats["orders"] | undefined;
  chosen: OrderStatus[];
  onChoose: (statuses: OrderStatus[]) => void;
}

/** A button a status: several go together, none is all. */
export function StatusFilter({ counts, chosen, onChoose }: StatusFilterProps) {
  return (
    <fieldset className="dash-statuses" aria-label={strings.statusFilter(DAYS)}>
      <button type="button" aria-pressed={chosen.length === 0} onClick={() => onChoose([])}>
        {strings.all} <Count of={counts?.total} />
      </button>
      {STATUSES.map((status) => (
        <button
          key={status}
          type="button"
          className={`dash-${status}`}
          aria-pressed={chosen.includes(status)}
          onClick={() => onChoose(toggleStatus(chosen, status))}
        >
          {common.status[status]} <Count of={counts?.[status]} />
        </button>
      ))}
      <span className="hint">{strings.lastDays(DAYS)}</span>
    </fieldset>
  );
}

function Count({ of }: { of: number | undefined }) {
  return <span className="dash-count">{of === undefined ? "–" : formatNumber(of)}</span>;
}
