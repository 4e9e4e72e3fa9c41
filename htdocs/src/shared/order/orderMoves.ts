import { http } from "../api/http";
import type { BulkResult, Order, OrderRow, StatusChange } from "../api/types";

/* What is done to orders. The first three send the version that was shown: whoever's picture is old learns so (412) before anything is changed. */

type Shown = Pick<OrderRow, "id" | "version">;

const ifShown = (order: Shown) => ({ headers: { "If-Match": `"${order.version}"` } });

export async function setStatus(order: Shown, change: StatusChange): Promise<Order> {
  return (await http.patch<Order>(`/orders/${order.id}/status`, change, ifShown(order))).data;
}

export async function setPayment(order: Shown, paymentReceived: boolean, note?: string): Promise<Order> {
  return (await http.patch<Order>(`/orders/${order.id}/payment`, { paymentReceived, note }, ifShown(order))).data;
}

/** A customer's own, while it is pending. */
export async function cancelOwn(order: Shown): Promise<Order> {
  return (await http.post<Order>(`/orders/${order.id}/cancel`, undefined, ifShown(order))).data;
}

/** Up to 100; each stands alone. */
export async function setStatusOfMany(ids: string[], change: StatusChange): Promise<BulkResult[]> {
  return (await http.post<{ results: BulkResult[] }>("/orders/admin/status", { ids, ...change })).data.results;
}
