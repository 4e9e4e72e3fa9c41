import type { OrderRow } from "../../shared/api/types";
import { formatMoney, formatNumber } from "../../shared/format/format";
import { TableFrame } from "../../shared/ui/TableFrame";
import { strings } from "../../strings/customer";

export function OrderItems({ order: { items, total, currency } }: { order: OrderRow }) {
  return (
    <div className="stack">
      <h2>{strings.items}</h2>
      <TableFrame label={strings.items}>
        <table className="own-items">
          <thead>
            <tr>
              <th scope="col">{strings.item}</th>
              <th scope="col" className="number own-items-wide">
                {strings.price}
              </th>
              <th scope="col" className="number own-items-wide">
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
                  <span className="own-items-narrow">
                    {strings.line(line.quantity, formatMoney(line.price, currency))}
                  </span>
                </th>
                <td className="number own-items-wide">{formatMoney(line.price, currency)}</td>
                <td className="number own-items-wide">{formatNumber(line.quantity)}</td>
                <td className="number">{formatMoney(line.total, currency)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{strings.total}</th>
              <td className="own-items-wide" colSpan={2} />
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
