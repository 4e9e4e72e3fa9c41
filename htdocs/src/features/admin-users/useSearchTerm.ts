import { useCallback } from "react";
import { useSearchParams } from "wouter";

/** The search term, kept in the address: reload, back and a link that is passed on find the same users. */
export function useSearchTerm(): [term: string, setTerm: (term: string) => void] {
  const [params, setParams] = useSearchParams();
  const setTerm = useCallback((term: string) => setParams(term ? { q: term } : {}, { replace: true }), [setParams]);
  return [params.get("q")?.trim() ?? "", setTerm];
}
