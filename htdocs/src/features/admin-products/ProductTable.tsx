import type { Product } from "../../shared/api/types";
import type { KeysetList } from "../../shared/api/useKeysetList";
import { useRowCursor } from "../../shared/keyboard/useRowCursor";
import { strings } from "../../strings/adminProducts";
import { strings as common } from "../../strings/common";
import { ProductRow } from "./ProductRow";

interface ProductTableProps {
  list: KeysetList<Product>;
  onActive: (product: Product, active: boolean) => void;
  onEdit: (product: Product) => void;
  onStock: (product: Product) => void;
}

const NUMBERS = [strings.price, strings.stock, strings.reserved, strings.onHand];

export function ProductTable({ list, onActive, onEdit, onStock }: ProductTableProps) {
  const cursor = useRowCursor(list.rows, { open: onEdit });
  return (
    <>
      <div className="table-frame" aria-busy={list.stale}>
        <table className="products-table" aria-label={strings.title}>
          <thead>
            <tr>
              <th scope="col">{strings.name}</th>
              <th scope="col">{strings.sku}</th>
              {NUMBERS.map((each) => (
                <th key={each} scope="col" className="number">
                  {each}
                </th>
              ))}
              <th scope="col">{strings.active}</th>
              <th scope="col">
                <span className="visually-hidden">{strings.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {list.rows.map((product) => (
              <ProductRow
                key={product.id}
                product={product}
                rowProps={cursor.rowProps(product)}
                onActive={onActive}
                onEdit={onEdit}
                onStock={onStock}
              />
            ))}
          </tbody>
        </table>
      </div>
      {list.hasMore && (
        <div className="actions products-more">
          <button type="button" aria-disabled={list.loadingMore || undefined} onClick={list.more}>
            {common.more}
          </button>
        </div>
      )}
    </>
  );
}
