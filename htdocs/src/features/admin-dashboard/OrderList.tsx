import { type RefObject, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { OrderRow } from "../../shared/api/types";
import { useRowCursor } from "../../shared/keyboard/useRowCursor";
import { ConfirmMove } from "../../shared/order/ConfirmMove";
import { LoadError } from "../../shared/ui/Banner";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";
import { BulkBar } from "./BulkBar";
import { BulkResult } from "./BulkResult";
import { ColumnMenu } from "./ColumnMenu";
import { ExportButton } from "./ExportButton";
import type { Filters } from "./filters";
import { NewOrdersPill } from "./NewOrdersPill";
import { NoOrders } from "./NoOrders";
import { OrderTable } from "./OrderTable";
import { SortSelect } from "./SortSelect";
import { useBulk } from "./useBulk";
import { useColumns } from "./useColumns";
import type { ChangeFilters } from "./useFilters";
import { useMoves } from "./useMoves";
import { useOrderList } from "./useOrderList";
import { useSelection } from "./useSelection";

interface OrderListProps {
  filters: Filters;
  onChange: ChangeFilters;
  /** Takes the focus where the pressed button has gone. */
  heading: RefObject<HTMLHeadingElement | null>;
}

export function OrderList({ filters, onChange, heading }: OrderListProps) {
  const list = useOrderList(filters);
  const { shown, move } = useMoves(list.rows);
  const { columns, toggle } = useColumns();
  const selection = useSelection();
  const selected = shown.filter((row) => selection.has(row.id));
  const bulk = useBulk({
    move,
    refresh: () => void list.refresh(),
    onDone: (failed) => selection.set(failed.map((each) => each.id)),
  });
  const table = useRef<HTMLTableElement>(null);
  const cursor = useOpenableRows(shown, (row) => selection.toggle(row.id));
  const focusFirst = useFocusFirst(table, shown);
  useFocusAfter(selected.length > 0, heading);

  return (
    <>
      <div className="dash-list-head">
        <p className="muted" role="status">
          {!list.loading && strings.shown(shown.length, list.hasMore)}
          {selected.length > 0 && ` · ${strings.selected(selected.length)}`}
        </p>
        <div className="actions">
          <SortSelect sort={filters.sort} onSort={(sort) => onChange({ sort })} />
          <ColumnMenu columns={columns} onToggle={toggle} />
          <ExportButton filters={filters} />
        </div>
      </div>
      <div>
        <NewOrdersPill
          count={list.waiting.length}
          onShow={() => {
            focusFirst();
            void list.showWaiting();
          }}
        />
        {list.error != null && <LoadError error={list.error} onRetry={() => void list.refresh()} />}
        {list.loading && <p className="loading">{common.loading}</p>}
        {!list.loading && list.error == null && shown.length === 0 && <NoOrders filters={filters} onClear={onChange} />}
        {shown.length > 0 && (
          <OrderTable
            ref={table}
            rows={shown}
            columns={columns}
            selection={selection}
            cursor={cursor}
            busy={list.stale}
            onStep={(order, status) => bulk.start([order], status)}
          />
        )}
      </div>
      {list.hasMore && (
        <button
          type="button"
          className="dash-show-more"
          aria-disabled={list.loadingMore || undefined}
          onClick={list.more}
        >
          {list.loadingMore ? common.loading : common.more}
        </button>
      )}
      <BulkBar
        selected={selected}
        onMove={(status) => bulk.start(selected, status)}
        onClear={() => selection.set([])}
      />
      {bulk.asking && <ConfirmMove {...bulk.asking} onConfirm={bulk.confirm} onClose={bulk.giveUp} />}
      {bulk.outcome && <BulkResult outcome={bulk.outcome} onClose={bulk.closeOutcome} />}
    </>
  );
}

function useOpenableRows(rows: OrderRow[], toggle: (row: OrderRow) => void) {
  const [, navigate] = useLocation();
  return useRowCursor(rows, { open: (row) => navigate(`/admin/orders/${row.id}`), toggle });
}

/** The pill goes away when it is pressed: the focus goes to the first row, as soon as the new ones are there. */
function useFocusFirst(table: RefObject<HTMLTableElement | null>, rows: OrderRow[]) {
  const [wanted, setWanted] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: tried again when rows have come
  useEffect(() => {
    const link = table.current?.querySelector<HTMLElement>("tbody a[href]");
    if (!wanted || !link) return;
    setWanted(false);
    link.focus();
  }, [wanted, rows]);
  return () => setWanted(true);
}

/** The bar has gone with the pressed button in it. */
function useFocusAfter(there: boolean, heading: RefObject<HTMLElement | null>) {
  const before = useRef(there);
  useEffect(() => {
    if (before.current && !there && document.activeElement === document.body)
      heading.current?.focus({ preventScroll: true });
    before.current = there;
  }, [there, heading]);
}
