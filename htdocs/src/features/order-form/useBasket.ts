import { useMemo } from "react";
import { isWithdrawal, type Product } from "../../shared/api/types";
import type { KeysetList } from "../../shared/api/useKeysetList";
import { useLiveListener } from "../../shared/live/LiveContext";
import { newer, toBasketLine } from "./basket";
import { type DraftLine, withQuantity } from "./draft";
import type { DraftValue } from "./useDraft";
import { useShelf } from "./useShelf";

/** What is chosen, as it stands now: live stock and prices, of products in the list that is shown and of others. */
export function useBasket({ draft, change }: DraftValue, list: KeysetList<Product>, refusals: Map<string, string>) {
  const { shelf, put, refresh } = useShelf(draft.lines);
  const listed = useMemo(() => new Map(list.rows.map((product) => [product.id, product])), [list.rows]);
  const known = (id: string) => newer(shelf.get(id), listed.get(id));
  const ids = draft.lines.map((line) => line.productId);
  const refetch = () => Promise.all([list.refresh(), refresh(ids)]);

  useLiveListener({
    onEvent: (event) => {
      if (event.type !== "product:stock") return;
      if (isWithdrawal(event.data)) return put(event.id, null);
      list.patch(event.data);
      if (ids.includes(event.id) || shelf.has(event.id)) put(event.id, event.data);
    },
    onRefetch: () => void refetch(),
  });

  const choose = (product: Product, quantity: number) => {
    const { id, name, price, currency } = product;
    put(id, product);
    change((before) => ({
      ...before,
      lines: withQuantity(before.lines, { productId: id, name, price, currency, quantity }),
    }));
  };
  const setLine = ({ productId, name, price, currency }: DraftLine, quantity: number) => {
    const product = known(productId);
    if (product) choose(product, quantity);
    else
      change((before) => ({
        ...before,
        lines: withQuantity(before.lines, { productId, name, price, currency, quantity }),
      }));
  };
  return {
    lines: draft.lines.map((line) => toBasketLine(line, known(line.productId), refusals.get(line.productId))),
    known,
    choose,
    setLine,
    /** Takes over what the answer to an order told of stock: it is newer than all that is known. */
    tell: (told: Map<string, number | null>) => {
      for (const [id, stock] of told) {
        const product = known(id);
        if (stock === null) put(id, null);
        else if (product) put(id, { ...product, stock });
      }
    },
    refetch,
  };
}
