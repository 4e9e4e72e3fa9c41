import { formatMoney } from "../../shared/format/format";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";
import { ALL, type Filters, isFiltered, toggleStatus } from "./filters";
import { formatDay } from "./formats";
import type { ChangeFilters } from "./useFilters";

interface FilterChipsProps {
  filters: Filters;
  /** Not known before the first figures. */
  currency: string | undefined;
  onChange: ChangeFilters;
  /** The button that was pressed is gone: the focus needs a place. */
  onGone: () => void;
}

/** What is filtered by, each to be taken away by itself. */
export function FilterChips({ filters, currency, onChange, onGone }: FilterChipsProps) {
  if (!isFiltered(filters)) return null;
  const change = (to: Partial<Filters>) => {
    onChange(to);
    onGone();
  };
  return (
    <div className="dash-chips">
      <ul aria-label={strings.activeFilters}>
        {chipsOf(filters, currency).map(({ text, without }) => (
          <li key={text}>
            <button
              type="button"
              className="dash-chip"
              aria-label={strings.removeFilter(text)}
              onClick={() => change(without)}
            >
              {text} <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" className="link" onClick={() => change({ ...ALL, sort: filters.sort })}>
        {strings.clearFilters}
      </button>
    </div>
  );
}

interface Chip {
  text: string;
  without: Partial<Filters>;
}

function chipsOf({ q, statuses, paid, from, to, minTotal }: Filters, currency: string | undefined): Chip[] {
  const { chip } = strings;
  return [
    ...(q ? [{ text: chip.q(q), without: { q: "" } }] : []),
    ...statuses.map((each) => ({
      text: common.status[each],
      without: { statuses: toggleStatus(statuses, each) },
    })),
    ...(paid === undefined ? [] : [{ text: common.status[paid ? "paid" : "unpaid"], without: { paid: undefined } }]),
    ...(from ? [{ text: chip.from(formatDay(from)), without: { from: "" } }] : []),
    ...(to ? [{ text: chip.to(formatDay(to)), without: { to: "" } }] : []),
    ...(minTotal === undefined
      ? []
      : [
          {
            text: chip.minTotal(currency ? formatMoney(minTotal, currency) : String(minTotal)),
            without: { minTotal: undefined },
          },
        ]),
  ];
}
