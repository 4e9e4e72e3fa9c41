import { EmptyState } from "../../shared/ui/EmptyState";
import { strings } from "../../strings/adminDashboard";
import { ALL, type Filters, isFiltered } from "./filters";
import type { ChangeFilters } from "./useFilters";

export function NoOrders({ filters, onClear }: { filters: Filters; onClear: ChangeFilters }) {
  if (!isFiltered(filters))
    return (
      <EmptyState title={strings.noOrders}>
        <p>{strings.noOrdersHint}</p>
      </EmptyState>
    );
  return (
    <EmptyState title={strings.noMatch}>
      <p>{strings.noMatchHint}</p>
      <button type="button" onClick={() => onClear({ ...ALL, sort: filters.sort })}>
        {strings.clearFilters}
      </button>
    </EmptyState>
  );
}
