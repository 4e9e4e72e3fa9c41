import { Link } from "wouter";
import type { OrderRow, OrderStatus } from "../../shared/api/types";
import type { RowCursor } from "../../shared/keyboard/useRowCursor";
import { useFlashOnChange } from "../../shared/ui/useFlashOnChange";
import { strings } from "../../strings/adminDashboard";
import { OrderCell } from "./OrderCell";
import type { Column } from "./useColumns";

type RowProps = ReturnType<RowCursor<OrderRow>["rowProps"]>;

interface OrderTableRowProps extends RowProps {
  order: OrderRow;
  columns: readonly Column[];
  selected: boolean;
  onSelect: (id: string) => void;
  onStep: (order: OrderRow, status: OrderStatus) => void;
}

export function OrderTableRow({ order, columns, selected, onSelect, onStep, ...cursor }: OrderTableRowProps) {
  return (
    <tr {...cursor} {...useFlashOnChange(order.version)} data-selected={selected || undefined}>
      <td className="dash-select">
        <input
          type="checkbox"
          aria-label={strings.select(order.number)}
          checked={selected}
          onChange={() => onSelect(order.id)}
        />
      </td>
      <th scope="row" className="dash-number">
        <Link href={`/admin/orders/${order.id}`}>{order.number}</Link>
      </th>
      {columns.map((column) => (
        <OrderCell key={column} column={column} order={order} onStep={onStep} />
      ))}
    </tr>
  );
}
