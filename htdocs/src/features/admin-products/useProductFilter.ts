import { useCallback } from "react";
import { useSearchParams } from "wouter";

export type ActiveFilter = "all" | "true" | "false";

export interface ProductFilter {
  q: string;
  active: ActiveFilter;
}

/** The filter is in the address, so that back, refresh and a copied link keep it. */
export function useProductFilter() {
  const [params, setParams] = useSearchParams();
  const asked = params.get("active");
  const filter: ProductFilter = {
    q: params.get("q") ?? "",
    active: asked === "true" || asked === "false" ? asked : "all",
  };
  const change = useCallback(
    (to: Partial<ProductFilter>) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(to)) {
            if (value === "" || value === "all") next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return { filter, change };
}

export function listPath({ q, active }: ProductFilter): string {
  const query = new URLSearchParams({ limit: "50" });
  if (q) query.set("q", q);
  if (active !== "all") query.set("active", active);
  return `/products?${query}`;
}
