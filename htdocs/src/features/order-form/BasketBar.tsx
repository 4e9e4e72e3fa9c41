import { formatMoney } from "../../shared/format/format";
import { strings as common } from "../../strings/common";
import { strings } from "../../strings/orderForm";
import { type BasketLine, totalOf, unitsOf } from "./basket";

/** On a phone the basket is below the products: this stays in sight until one is there. */
export function BasketBar({ lines, onGo }: { lines: BasketLine[]; onGo: () => void }) {
  const [first] = lines;
  if (!first) return null;
  return (
    <div className="order-bar">
      <span>
        {common.units(unitsOf(lines))} · <strong>{formatMoney(totalOf(lines), first.currency)}</strong>
      </span>
      <button type="button" onClick={onGo}>
        {strings.toBasket}
      </button>
    </div>
  );
}
