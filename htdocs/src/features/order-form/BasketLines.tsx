import { formatMoney, formatNumber } from "../../shared/format/format";
import { strings } from "../../strings/orderForm";
import { type BasketLine, MAX_QUANTITY, possible, type Trouble } from "./basket";
import { StepButton } from "./QuantityStepper";

interface BasketLinesProps {
  lines: BasketLine[];
  onQuantity: (line: BasketLine, quantity: number) => void;
  /** As onQuantity, where the button that was pressed goes away with it. */
  onMend: (line: BasketLine, quantity: number) => void;
}

export function BasketLines({ lines, onQuantity, onMend }: BasketLinesProps) {
  return (
    <ul className="order-lines">
      {lines.map((line) => (
        <li key={line.productId} className="order-line">
          <p className="order-name">{line.name}</p>
          <p className="number">{formatMoney(line.sum, line.currency)}</p>
          <p className="order-note muted">
            {strings.each(formatMoney(line.each, line.currency))}
            <button
              type="button"
              className="link"
              aria-label={strings.removeLine(line.name)}
              onClick={() => onMend(line, 0)}
            >
              {strings.remove}
            </button>
            {line.priceWas !== undefined && (
              <strong className="order-news">{strings.priceWas(formatMoney(line.priceWas, line.currency))}</strong>
            )}
          </p>
          <LineStepper line={line} onQuantity={onQuantity} />
          {line.trouble && <LineTrouble line={line} trouble={line.trouble} onMend={onMend} />}
        </li>
      ))}
    </ul>
  );
}

function LineStepper({ line, onQuantity }: { line: BasketLine; onQuantity: BasketLinesProps["onQuantity"] }) {
  const { name, quantity, product } = line;
  const most = Math.min(product?.stock ?? (product === null ? 0 : MAX_QUANTITY), MAX_QUANTITY);
  return (
    <div className="order-stepper order-stepper-small">
      <StepButton
        label={strings.basketLess(name)}
        sign="−"
        on={quantity > 1}
        onPress={() => onQuantity(line, Math.ceil(quantity) - 1)}
      />
      <span className="order-quantity">{formatNumber(quantity)}</span>
      <StepButton
        label={strings.basketMore(name)}
        sign="+"
        on={quantity < most}
        onPress={() => onQuantity(line, Math.floor(quantity) + 1)}
      />
    </div>
  );
}

interface LineTroubleProps {
  line: BasketLine;
  trouble: Trouble;
  onMend: BasketLinesProps["onMend"];
}

/** What is wrong with a line, and what would mend it. */
function LineTrouble({ line, trouble, onMend }: LineTroubleProps) {
  const available = possible(line);
  return (
    <div className="order-trouble">
      <p className="field-error">{troubleWord(trouble)}</p>
      {trouble.kind === "short" && available > 0 && (
        <button
          type="button"
          aria-label={strings.adjustLine(available, line.name)}
          onClick={() => onMend(line, available)}
        >
          {strings.adjustTo(available)}
        </button>
      )}
    </div>
  );
}

function troubleWord(trouble: Trouble): string {
  if (trouble.kind === "gone") return strings.gone;
  if (trouble.kind === "quantity") return trouble.detail;
  return trouble.available > 0 ? strings.onlyLeft(trouble.available) : strings.outOfStock;
}
