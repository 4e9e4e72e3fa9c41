import type { OrderRow } from "../../shared/api/types";
import { formatMoney, formatNumber } from "../../shared/format/format";
import { TableFrame } from "../../shared/ui/TableFrame";
import { strings } from "../../strings/customer";

export function OrderItems({ order: { items, total, currency } }: { order: OrderRow }) {
  return (
    <section className="stack" aria-labelledby="order-items">
      <h2 id="order-items">{strings.items}</h2>
      <TableFrame label={strings.items}>
        <table>
          <thead>
            <tr>
              <th scope="col">{strings.item}</th>
              <th scope="col" className="number">
                {strings.price}
              </th>
              <th scope="col" className="number">
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
                <th scope="row">{line.name}</th>
                <td className="number">{formatMoney(line.price, currency)}</td>
                <td className="number">{formatNumber(line.quantity)}</td>
                <td className="number">{formatMoney(line.total, currency)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={3}>
                {strings.total}
              </th>
              <td className="number">
                <strong>{formatMoney(total, currency)}</strong>
              </td>
            </tr>
          </tfoot>
        </table>
      </TableFrame>
    </section>
  );
}
