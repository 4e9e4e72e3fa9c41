import type { Order } from "../../shared/api/types";
import { formatMoney, formatNumber } from "../../shared/format/format";
import { TableFrame } from "../../shared/ui/TableFrame";
import { strings } from "../../strings/adminOrder";

export function Items({ order }: { order: Order }) {
  const money = (amount: number) => formatMoney(amount, order.currency);
  return (
    <div className="stack admin-order-part">
      <h2>{strings.items}</h2>
      <TableFrame label={strings.items}>
        <table className="admin-order-items">
          <thead>
            <tr>
              <th scope="col">{strings.product}</th>
              <th scope="col" className="number">
                {strings.quantity}
              </th>
              <th scope="col" className="number">
                {strings.lineTotal}
              </th>
            </tr>
          </thead>
          <tbody>
            {order.items.map((line) => (
              <tr key={line.productId}>
                <th scope="row">{line.name}</th>
                <td className="number">{strings.times(formatNumber(line.quantity), money(line.price))}</td>
                <td className="number">{money(line.total)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={2}>
                {strings.total}
              </th>
              <td className="number">
                <strong>{money(order.total)}</strong>
              </td>
            </tr>
          </tfoot>
        </table>
      </TableFrame>
    </div>
  );
}
