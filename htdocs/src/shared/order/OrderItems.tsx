import { strings } from "../../strings/orderItems";
import type { OrderRow } from "../api/types";
import { formatMoney, formatNumber } from "../format/format";
import { TableFrame } from "../ui/TableFrame";
import "./OrderItems.css";

/** What was ordered, line by line, with the total. */
export function OrderItems({ order: { items, total, currency } }: { order: OrderRow }) {
  return (
    <div className="stack">
      <h2>{strings.items}</h2>
      <TableFrame label={strings.items}>
        <table className="order-items">
          <thead>
            <tr>
              <th scope="col">{strings.item}</th>
              <th scope="col" className="number order-items-wide">
                {strings.price}
              </th>
              <th scope="col" className="number order-items-wide">
                {strings.quantity}
              </th>
              <th scope="col" className="number">
                {strings.total}
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((line) => (
              <tr key={line.productId}>
                <th scope="row">
                  {line.name}
                  <span className="order-items-narrow">
                    {strings.line(formatNumber(line.quantity), formatMoney(line.price, currency))}
                  </span>
                </th>
                <td className="number order-items-wide">{formatMoney(line.price, currency)}</td>
                <td className="number order-items-wide">{formatNumber(line.quantity)}</td>
                <td className="number">{formatMoney(line.total, currency)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{strings.total}</th>
              <td className="order-items-wide" colSpan={2} />
              <td className="number">
                <strong>{formatMoney(total, currency)}</strong>
              </td>
            </tr>
          </tfoot>
        </table>
      </TableFrame>
    </div>
  );
}
