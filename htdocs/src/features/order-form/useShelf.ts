import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, http } from "../../shared/api/http";
import type { Product } from "../../shared/api/types";
import type { DraftLine } from "./draft";

type Shelf = ReadonlyMap<string, Product | null>;

/** Null: it is gone. */
export async function fetchProduct(id: string): Promise<Product | null> {
  try {
    return (await http.get<Product>(`/products/${id}`)).data;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** What is known of the products in the basket, be they in the list that is shown or not. */
export function useShelf(lines: DraftLine[]) {
  const [shelf, setShelf] = useState<Shelf>(new Map());
  const asked = useRef(new Set<string>());

  const put = useCallback((id: string, product: Product | null) => {
    setShelf((before) => {
      const known = before.get(id);
      if (product && known && known.version > product.version) return before;
      return new Map(before).set(id, product);
    });
  }, []);

  const refresh = useCallback(
    async (ids: string[]) => {
      // What can't be fetched stays as it was.
      await Promise.all(
        ids.map((id) =>
          fetchProduct(id).then(
            (product) => put(id, product),
            () => {},
          ),
        ),
      );
    },
    [put],
  );

  // Lines of a draft that was kept: chosen ones are put in by who chooses them.
  useEffect(() => {
    const unknown = lines.map((line) => line.productId).filter((id) => !shelf.has(id) && !asked.current.has(id));
    for (const id of unknown) asked.current.add(id);
    if (unknown.length > 0) void refresh(unknown);
  }, [lines, shelf, refresh]);

  return { shelf, put, refresh };
}
