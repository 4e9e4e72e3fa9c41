import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { type Filters, parseFilters, printFilters } from "./filters";

export type ChangeFilters = (change: Partial<Filters>, options?: { replace?: boolean }) => void;

/** The filters live in the address alone: going back, reloading and sharing keep them. */
export function useFilters(): [Filters, ChangeFilters] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const filters = useMemo(() => parseFilters(new URLSearchParams(search)), [search]);
  const change = useCallback<ChangeFilters>(
    (change, options) => {
      const next = printFilters({ ...filters, ...change }).toString();
      if (next !== printFilters(filters).toString()) navigate(next ? `${path}?${next}` : path, options);
    },
    [filters, path, navigate],
  );
  return [filters, change];
}
