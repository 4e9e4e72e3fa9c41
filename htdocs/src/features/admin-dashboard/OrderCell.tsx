import type { OrderRow, OrderStatus } from "../../shared/api/types";
import { formatDateTime, formatMoney, formatNumber } from "../../shared/format/format";
import { unitsOf } from "../../shared/order/moveEffect";
import { StatusWord } from "../../shared/order/StatusWord";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";
import { formatPlaced } from "./formats";
import type { Column } from "./useColumns";

interface OrderCellProps {
  column: Column;
  order: OrderRow;
  onStep: (order: OrderRow, status: OrderStatus) => void;
}

export const NUMBERS: readonly Column[] = ["items", "total"];

export function OrderCell({ column, order, onStep }: OrderCellProps) {
  return (
    <td className={NUMBERS.includes(column) ? `dash-${column} number` : `dash-${column}`}>
      <Content column={column} order={order} onStep={onStep} />
    </td>
  );
}

function Content({ column, order, onStep }: OrderCellProps) {
  switch (column) {
    case "customer":
      return order.customer.name;
    case "email":
      return order.customer.email;
    case "items": {
      const units = unitsOf(order);
      return (
        <>
          {formatNumber(units)}
          <span className="dash-on-card">{strings.itemsOnCard(units)}</span>
        </>
      );
    }
    case "total":
      return formatMoney(order.total, order.currency);
    case "status":
      return <StatusWord status={order.status} />;
    case "payment":
      return <Payment order={order} />;
    case "placed":
      return <Time iso={order.createdAt} />;
    case "updated":
      return (
        <>
          <span className="dash-on-card">{strings.column.updated} </span>
          <Time iso={order.updatedAt} />
        </>
      );
    case "next":
      return <NextStep order={order} onStep={onStep} />;
  }
}

function Payment({ order }: { order: OrderRow }) {
  if (order.refundDue) return <span className="dash-refund">{strings.refundDue}</span>;
  return order.paymentReceived ? (
    <span className="dash-paid">{common.status.paid}</span>
  ) : (
    <span className="dash-unpaid">{common.status.unpaid}</span>
  );
}

function Time({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={formatDateTime(iso)}>
      {formatPlaced(iso)}
    </time>
  );
}

/** The one step that most orders take next, where it needs no question. */
function NextStep({ order, onStep }: { order: OrderRow; onStep: OrderCellProps["onStep"] }) {
  const next = order.allowedTransitions.find((each) => strings.step[each]);
  const step = next && strings.step[next];
  if (!step) return null;
  return (
    <button
      type="button"
      aria-label={strings.stepOf(step, order.number)}
      onClick={(event) => {
        // The button goes away with the step: the focus stays in the row.
        event.currentTarget.closest("tr")?.querySelector("a")?.focus({ preventScroll: true });
        onStep(order, next);
      }}
    >
      {step}
    </button>
  );
}
