import { useCallback, useRef, useState } from "react";
import { toMessage } from "../../shared/api/http";
import type { Product } from "../../shared/api/types";
import type { KeysetList } from "../../shared/api/useKeysetList";
import { useToast } from "../../shared/ui/ToastContext";
import { strings } from "../../strings/adminProducts";
import { changeProduct, fetchProduct, type ProductChange } from "./productWrites";
import { explainStockError } from "./stockChange";

/** Changes that are shown before the server has answered, and taken back if it refuses. */
export function useProductChanges({ patch }: KeysetList<Product>) {
  const toast = useToast();
  const [failure, setFailure] = useState<string>();
  const underWay = useRef(new Set<string>());

  const send = useCallback(
    async (product: Product, change: ProductChange, done: string, undo?: () => void) => {
      setFailure(undefined);
      try {
        patch(await changeProduct(product.id, change));
        toast({ text: done, undo });
      } catch (error) {
        // Taken back; a row that has become newer meanwhile stays, as it tells the truth already.
        patch(product);
        toast({ text: strings.toastFailed, tone: "bad" });
        const why = "stockDelta" in change ? explainStockError(error, change.stockDelta) : toMessage(error);
        setFailure(strings.failed(product.name, why));
        await fetchProduct(product.id).then(patch, () => undefined);
      }
    },
    [patch, toast],
  );

  const setActive = useCallback(
    async (product: Product, active: boolean) => {
      if (underWay.current.has(product.id)) return;
      underWay.current.add(product.id);
      patch({ ...product, active });
      const undo = () => void send(product, { active: !active }, strings.toastUndone);
      await send(product, { active }, active ? strings.toastActive : strings.toastInactive, undo);
      underWay.current.delete(product.id);
    },
    [patch, send],
  );

  /** After a change that was made elsewhere: puts it into the list, and offers the way back. */
  const changed = useCallback(
    (product: Product, text: string, back: ProductChange) => {
      patch(product);
      toast({ text, undo: () => void send(product, back, strings.toastUndone) });
    },
    [patch, toast, send],
  );
  return { setActive, changed, failure, dismiss: useCallback(() => setFailure(undefined), []) };
}
