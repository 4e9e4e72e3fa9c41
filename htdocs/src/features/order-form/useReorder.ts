import { useEffect, useRef, useState } from "react";
import { http, toMessage } from "../../shared/api/http";
import type { Order, OrderLine, Product } from "../../shared/api/types";
import { strings } from "../../strings/orderForm";
import { fetchProduct } from "./useShelf";

export interface Reorder {
  order: Order;
  /** What can be had again. */
  found: { product: Product; quantity: number }[];
  gone: string[];
  outOfStock: string[];
}

export interface ReorderNote {
  tone: "info" | "warn" | "bad";
  sentences: string[];
}

export function sortOut(order: Order, products: Map<string, Product | null>): Reorder {
  const reorder: Reorder = { order, found: [], gone: [], outOfStock: [] };
  for (const { productId, name, quantity } of order.items) {
    const product = products.get(productId);
    if (!product) reorder.gone.push(name);
    else if (product.stock <= 0) reorder.outOfStock.push(product.name);
    else reorder.found.push({ product, quantity });
  }
  return reorder;
}

export function noteOf({ order, found, gone, outOfStock }: Reorder): ReorderNote {
  const sentences: string[] = [
    found.length > 0 ? strings.reordered(order.number) : strings.nothingToReorder(order.number),
  ];
  if (gone.length > 0) sentences.push(strings.leftOutGone(gone.join(", ")));
  if (outOfStock.length > 0) sentences.push(strings.leftOutOfStock(outOfStock.join(", ")));
  return { tone: gone.length + outOfStock.length > 0 ? "warn" : "info", sentences };
}

async function look(orderId: string): Promise<Reorder> {
  const { data: order } = await http.get<Order>(`/orders/${encodeURIComponent(orderId)}`);
  const ask = async ({ productId }: OrderLine) => [productId, await fetchProduct(productId)] as const;
  return sortOut(order, new Map(await Promise.all(order.items.map(ask))));
}

/** Fills the basket from an earlier order, once for each `orderId`. */
export function useReorder(orderId: string | null, then: { fill: (reorder: Reorder) => void; done: () => void }) {
  const [note, setNote] = useState<ReorderNote | null>(null);
  const latest = useRef(then);
  latest.current = then;
  useEffect(() => {
    if (!orderId) return;
    let over = false;
    look(orderId)
      .then(
        (reorder) => {
          if (over) return;
          latest.current.fill(reorder);
          setNote(noteOf(reorder));
        },
        (error) => {
          if (!over) setNote({ tone: "bad", sentences: [strings.reorderFailed(toMessage(error))] });
        },
      )
      .finally(() => {
        if (!over) latest.current.done();
      });
    return () => {
      over = true;
    };
  }, [orderId]);
  return { note, filling: orderId !== null };
}
