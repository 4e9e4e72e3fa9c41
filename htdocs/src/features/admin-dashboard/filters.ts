import { type OrderStatus, STATUSES } from "../../shared/api/types";
import { isDay, startOf } from "./days";

/* What the list of orders shows, as the address holds it and as the API takes it. */

export const SORTS = ["-createdAt", "createdAt", "-updatedAt", "-total", "total"] as const;
export type Sort = (typeof SORTS)[number];

export interface Filters {
  q: string;
  /** None chosen: all. */
  statuses: OrderStatus[];
  paid: boolean | undefined;
  /** Days of the reader's own, both of them inside; "" is open. */
  from: string;
  to: string;
  minTotal: number | undefined;
  sort: Sort;
}

export const ALL: Filters = {
  q: "",
  statuses: [],
  paid: undefined,
  from: "",
  to: "",
  minTotal: undefined,
  sort: "-createdAt",
};

export const LONGEST_SEARCH = 100;
const AMOUNT = /^\d{1,10}([.,]\d{1,3})?$/;

/** "19.99" or "19,99"; nothing and zero are no limit. */
export function parseAmount(text: string): number | undefined {
  const amount = AMOUNT.test(text.trim()) ? Number(text.trim().replace(",", ".")) : 0;
  return amount > 0 ? amount : undefined;
}

/** From an address that anybody may have written: what makes no sense is left out. */
export function parseFilters(query: URLSearchParams): Filters {
  const words = new Set((query.get("status") ?? "").split(","));
  const day = (name: string) => (isDay(query.get(name) ?? "") ? (query.get(name) ?? "") : "");
  return {
    q: (query.get("q") ?? "").trim().slice(0, LONGEST_SEARCH),
    statuses: STATUSES.filter((each) => words.has(each)),
    paid: { yes: true, no: false }[query.get("paid") ?? ""],
    from: day("from"),
    to: day("to"),
    minTotal: parseAmount(query.get("min") ?? ""),
    sort: SORTS.find((each) => each === query.get("sort")) ?? ALL.sort,
  };
}

/** For the address: only what differs from the list of all orders, always in the same order. */
export function printFilters({ q, statuses, paid, from, to, minTotal, sort }: Filters): URLSearchParams {
  const query = new URLSearchParams();
  if (q.trim()) query.set("q", q.trim());
  if (statuses.length > 0) query.set("status", inOrder(statuses).join(","));
  if (paid !== undefined) query.set("paid", paid ? "yes" : "no");
  if (from) query.set("from", from);
  if (to) query.set("to", to);
  if (minTotal !== undefined) query.set("min", String(minTotal));
  if (sort !== ALL.sort) query.set("sort", sort);
  return query;
}

/** For the API; its list and its CSV take the same. */
export function apiQuery({ q, statuses, paid, from, to, minTotal, sort }: Filters): URLSearchParams {
  const query = new URLSearchParams();
  if (q) query.set("q", q);
  if (statuses.length > 0) query.set("status", inOrder(statuses).join(","));
  if (paid !== undefined) query.set("paymentReceived", String(paid));
  if (from) query.set("from", startOf(from).toISOString());
  if (to) query.set("to", startOf(to, 1).toISOString());
  if (minTotal !== undefined) query.set("minTotal", String(minTotal));
  query.set("sort", sort);
  return query;
}

export const toggleStatus = (statuses: OrderStatus[], status: OrderStatus) =>
  statuses.includes(status) ? statuses.filter((each) => each !== status) : inOrder([...statuses, status]);

/** Of what there is; the order of rows isn't a filter. */
export const isFiltered = (filters: Filters) => printFilters({ ...filters, sort: ALL.sort }).size > 0;

const inOrder = (statuses: OrderStatus[]) => STATUSES.filter((each) => statuses.includes(each));
