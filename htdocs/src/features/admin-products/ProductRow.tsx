import type { HTMLAttributes } from "react";
import type { Product } from "../../shared/api/types";
import { formatMoney, formatNumber } from "../../shared/format/format";
import { Switch } from "../../shared/ui/Switch";
import { useFlashOnChange } from "../../shared/ui/useFlashOnChange";
import { strings } from "../../strings/adminProducts";
import { stockWord } from "./stockLevel";

interface ProductRowProps {
  product: Product;
  rowProps: HTMLAttributes<HTMLTableRowElement>;
  onActive: (product: Product, active: boolean) => void;
  onEdit: (product: Product) => void;
  onStock: (product: Product) => void;
}

export function ProductRow({ product, rowProps, onActive, onEdit, onStock }: ProductRowProps) {
  const { name, sku, price, currency, stock, reserved = 0, active } = product;
  const flash = useFlashOnChange(product.version);
  const word = stockWord(stock);
  return (
    <tr {...rowProps} {...flash}>
      <th scope="row" className={active ? undefined : "muted"}>
        {name}
      </th>
      <td className="products-sku">{sku}</td>
      <td className="number products-price">{formatMoney(price, currency)}</td>
      <td className="number products-count" data-label={strings.stock}>
        {word && <span className={`products-word products-${word.tone}`}>{word.text}</span>} {formatNumber(stock)}
      </td>
      <td className="number products-count" data-label={strings.reserved}>
        {formatNumber(reserved)}
      </td>
      <td className="number products-count" data-label={strings.onHand}>
        {formatNumber(stock + reserved)}
      </td>
      <td className="products-active">
        <Switch
          checked={active}
          aria-label={strings.isActive(name)}
          onChange={(checked) => onActive(product, checked)}
        />
      </td>
      <td className="products-does">
        <div className="products-actions">
          <button type="button" onClick={() => onStock(product)}>
            {strings.changeStock} <span className="visually-hidden">{name}</span>
          </button>
          <button type="button" onClick={() => onEdit(product)}>
            {strings.edit} <span className="visually-hidden">{name}</span>
          </button>
        </div>
      </td>
    </tr>
  );
}
