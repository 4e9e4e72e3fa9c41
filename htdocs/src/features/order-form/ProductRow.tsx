import { useId } from "react";
import type { Product } from "../../shared/api/types";
import { formatMoney } from "../../shared/format/format";
import { useFlashOnChange } from "../../shared/ui/useFlashOnChange";
import { type BasketLine, type Known, stockWord } from "./basket";
import { QuantityStepper } from "./QuantityStepper";

interface ProductRowProps {
  /** As the list has it. */
  listed: Product;
  /** As it is now. */
  known: Known;
  line?: BasketLine;
  onQuantity: (product: Product, quantity: number) => void;
}

export function ProductRow({ listed, known, line, onQuantity }: ProductRowProps) {
  const product = known ?? listed;
  const note = useId();
  const stock = stockWord(known);
  const flash = useFlashOnChange(`${stock.text} ${product.price}`);
  return (
    <li className={`order-product ${flash.className ?? ""}`} onAnimationEnd={flash.onAnimationEnd}>
      <p className="order-name">{product.name}</p>
      <p className="order-price number">{formatMoney(product.price, product.currency)}</p>
      <p id={note} className="order-note">
        <span className={`order-stock order-stock-${stock.level}`}>{stock.text}</span>
        {product.sku && <span className="muted"> · {product.sku}</span>}
        {line?.trouble?.kind === "quantity" && <span className="field-error"> · {line.trouble.detail}</span>}
      </p>
      <QuantityStepper
        name={product.name}
        quantity={line?.quantity ?? 0}
        stock={known?.stock ?? 0}
        invalid={line?.trouble !== undefined}
        describedBy={note}
        onChange={(quantity) => onQuantity(product, quantity)}
      />
    </li>
  );
}
