import { useState } from "react";

/** Besides the number, which is always there. */
export const COLUMNS = [
  "customer",
  "email",
  "items",
  "total",
  "status",
  "payment",
  "placed",
  "updated",
  "next",
] as const;
export type Column = (typeof COLUMNS)[number];

const AT_FIRST: readonly Column[] = COLUMNS.filter((each) => each !== "email" && each !== "updated");
const KEY = "order-columns";

function kept(): readonly Column[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return Array.isArray(value) ? COLUMNS.filter((each) => value.includes(each)) : AT_FIRST;
  } catch {
    return AT_FIRST;
  }
}

/** Which columns the reader wants, kept on this device. */
export function useColumns() {
  const [columns, setColumns] = useState(kept);
  const toggle = (column: Column) => {
    const next = COLUMNS.filter((each) => columns.includes(each) !== (each === column));
    setColumns(next);
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // Storage is blocked: the choice lasts as long as the page.
    }
  };
  return { columns, toggle };
}
