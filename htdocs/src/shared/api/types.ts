/* What the API sends and takes: docs/api.md, /api/openapi.json. Money is in major units, times are ISO 8601 in UTC. */

export type Role = "customer" | "admin";
export const STATUSES = ["pending", "processing", "shipped", "delivered", "cancelled", "returned"] as const;
export type OrderStatus = (typeof STATUSES)[number];

export interface User {
  id: string;
  name: string;
  email: string;
  role: Role;
  createdAt: string;
}

export interface Session {
  user: User;
  token: string;
  expiresAt: string;
}

export interface Product {
  id: string;
  name: string;
  sku?: string;
  price: number;
  stock: number;
  /** Units in open orders; admins alone are told, and not by events. */
  reserved?: number;
  active: boolean;
  version: number;
  createdAt: string;
  updatedAt: string;
  currency: string;
}

export interface Address {
  name: string;
  lines: string[];
  city: string;
  postcode?: string;
  country: string;
}

export interface OrderLine {
  productId: string;
  name: string;
  quantity: number;
  price: number;
  total: number;
}

export interface HistoryEntry {
  version: number;
  at: string;
  type: "order:new" | "order:status" | "order:payment";
  from?: OrderStatus | "unpaid" | "paid";
  to?: OrderStatus | "unpaid" | "paid";
  actor: { id?: string; role: Role; name: string };
  reason?: string;
  note?: string;
}

export interface OrderRow {
  id: string;
  number: string;
  userId: string;
  customer: { name: string; email: string };
  shipTo?: Address;
  items: OrderLine[];
  total: number;
  currency: string;
  status: OrderStatus;
  paymentReceived: boolean;
  refundDue?: boolean;
  version: number;
  createdAt: string;
  updatedAt: string;
  /** What the caller may do next. */
  allowedTransitions: OrderStatus[];
}

export interface Order extends OrderRow {
  history: HistoryEntry[];
}

export interface Page<Row> {
  data: Row[];
  /** The cursor for `after`; null at the end. */
  next: string | null;
}

export interface OrderRequest {
  items: { productId: string; quantity: number }[];
  shipTo?: Address;
  expectedTotal?: number;
}

export interface StatusChange {
  status: OrderStatus;
  reason?: string;
  note?: string;
  restock?: boolean;
}

export type BulkResult =
  | { id: string; ok: true; version: number; status: OrderStatus }
  | { id: string; ok: false; problem: Problem };

export interface Stats {
  currency: string;
  orders: { total: number } & Record<OrderStatus, number>;
  revenue: { total: number; byDay: { date: string; orders: number; revenue: number }[] };
  refundDue: { orders: number; total: number };
  topProducts: { productId: string; name: string; quantity: number; revenue: number }[];
  lowStock: { productId: string; name: string; stock: number }[];
}

export interface Health {
  status: string;
  bridge?: { state: "up" | "starting" | "down" | "off"; viewers?: number; viewersMax?: number };
}

/** RFC 9457, with the members that some codes add. */
export interface Problem {
  title: string;
  status: number;
  detail?: string;
  code: string;
  instance?: string;
  errors?: { pointer: string; code: string; detail: string }[];
  /** insufficient-stock, product-unavailable */
  lines?: { productId: string; name?: string; requested?: number; available?: number }[];
  from?: OrderStatus;
  to?: OrderStatus;
  allowed?: OrderStatus[];
  /** version-mismatch */
  currentVersion?: number;
  currentStatus?: OrderStatus;
  changedBy?: { role?: Role; name?: string };
  /** price-changed */
  expectedTotal?: number;
  total?: number;
  available?: number;
  orderId?: string;
}

/* Live events: docs/live.md. */
export interface OrderEvent {
  type: "order:new" | "order:status" | "order:payment";
  id: string;
  version: number;
  at: string;
  from?: OrderStatus | "unpaid" | "paid";
  to?: OrderStatus | "unpaid" | "paid";
  /** The order as it is by now: data.version may be greater than version. */
  data: OrderRow;
}

/** All that customers are told of a product that was taken off sale. */
export interface Withdrawal {
  id: string;
  version: number;
  active: false;
}

export interface ProductEvent {
  type: "product:stock";
  id: string;
  version: number;
  at: string;
  data: Product | Withdrawal;
}

export const isWithdrawal = (data: Product | Withdrawal): data is Withdrawal => !("name" in data);

export type LiveEvent = OrderEvent | ProductEvent;
