import { useEffect, useState } from "react";
import useSWR from "swr";
import type { OrderRow, Page, Product, Role } from "../../shared/api/types";

const TYPING_PAUSE = 200;
const MOST = 5;

interface Found {
  orders: OrderRow[];
  products: Product[];
  searching: boolean;
}

/** What the shop has under these words. Customers look through their own latest orders, admins ask the server. */
export function useFound(words: string, role: Role): Found {
  const query = useSettled(words.trim());
  const asked = role === "admin" ? query : "";
  const q = encodeURIComponent(orderNumber(asked) ?? asked);
  const all = useSWR<Page<OrderRow>>(asked ? `/orders/admin?limit=${MOST}&q=${q}` : null);
  const products = useSWR<Page<Product>>(asked ? `/products?limit=${MOST}&q=${encodeURIComponent(asked)}` : null);
  const own = useSWR<Page<OrderRow>>(role === "customer" ? "/orders?limit=100" : null);
  return {
    orders: (role === "admin" ? all.data?.data : query ? ownMatching(own.data?.data ?? [], query) : undefined) ?? [],
    products: products.data?.data ?? [],
    searching: all.isLoading || products.isLoading || query !== words.trim(),
  };
}

/** "123" and "a-123" mean A-000123; other words are no number. */
export function orderNumber(words: string): string | undefined {
  const digits = /^(?:a-?)?(\d{1,9})$/i.exec(words)?.[1];
  return digits && `A-${digits.padStart(6, "0")}`;
}

function ownMatching(orders: OrderRow[], query: string) {
  const words = query.toLowerCase();
  const text = (order: OrderRow) => [order.number, order.id, ...order.items.map(({ name }) => name)].join(" ");
  return orders.filter((order) => text(order).toLowerCase().includes(words)).slice(0, MOST);
}

/** The value as it was when typing paused. */
function useSettled(value: string) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
