import useSWR from "swr";
import type { Product, Stats } from "../../shared/api/types";
import type { KeysetList } from "../../shared/api/useKeysetList";

/** The shop's currency: products tell it, and where there is none, the figures do. */
export function useCurrency({ rows, loading }: KeysetList<Product>): string | undefined {
  const known = rows[0]?.currency;
  const { data } = useSWR<Stats>(known || loading ? null : "/orders/admin/stats");
  return known ?? data?.currency;
}

/** The smallest step of a price, as far as it is known here. What the shop really takes is the server's to say. */
export function priceStep(currency: string | undefined): string {
  if (!currency) return "any";
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return (10 ** -maximumFractionDigits).toFixed(maximumFractionDigits);
}
