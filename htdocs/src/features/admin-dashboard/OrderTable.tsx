import type { Ref } from "react";
import type { OrderRow, OrderStatus } from "../../shared/api/types";
import type { RowCursor } from "../../shared/keyboard/useRowCursor";
import { strings } from "../../strings/adminDashboard";
import { NUMBERS } from "./OrderCell";
import { OrderTableRow } from "./OrderTableRow";
import type { Column } from "./useColumns";
import type { Selection } from "./useSelection";

interface OrderTableProps {
  rows: OrderRow[];
  columns: readonly Column[];
  selection: Selection;
  cursor: RowCursor<OrderRow>;
  /** The rows are on their way. */
  busy: boolean;
  onStep: (order: OrderRow, status: OrderStatus) => void;
  ref: Ref<HTMLTableElement>;
}

/* Every row stays in the document: pages of 25 come by a button, and finding in the page, reading row by row and "select all" need the real table. */
export function OrderTable({ rows, columns, selection, cursor, busy, onStep, ref }: OrderTableProps) {
  return (
    <div className="table-frame dash-frame">
      <table ref={ref} className="dash-orders" aria-label={strings.title} aria-busy={busy}>
        <thead>
          <tr>
            <th scope="col" className="dash-select">
              <SelectAll selection={selection} rows={rows} />
            </th>
            <th scope="col">{strings.column.number}</th>
            {columns.map((column) => (
              <th key={column} scope="col" className={NUMBERS.includes(column) ? "number" : undefined}>
                {strings.column[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((order) => (
            <OrderTableRow
              key={order.id}
              order={order}
              columns={columns}
              selected={selection.has(order.id)}
              onSelect={selection.toggle}
              onStep={onStep}
              {...cursor.rowProps(order)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SelectAll({ selection, rows }: { selection: Selection; rows: OrderRow[] }) {
  const count = rows.filter((row) => selection.has(row.id)).length;
  const all = rows.length > 0 && count === rows.length;
  return (
    <label className="dash-select-all">
      <input
        type="checkbox"
        aria-label={strings.selectAll}
        checked={all}
        ref={(box) => {
          if (box) box.indeterminate = count > 0 && !all;
        }}
        onChange={() => selection.set(all ? [] : rows.map((row) => row.id))}
      />
      <span className="dash-on-card">{strings.selectAll}</span>
    </label>
  );
}
