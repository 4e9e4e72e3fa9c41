import type { OrderLine } from "../../shared/api/types";
import { strings } from "../../strings/customer";

const NAMED = 2;

/** "2 × Tea, 1 × Cup and 3 more". */
export function itemsSummary(items: OrderLine[]): string {
  // A single further line is named, too: "and 1 more" would be no shorter.
  const named = items.length === NAMED + 1 ? items : items.slice(0, NAMED);
  const lines = named.map(({ quantity, name }) => strings.line(quantity, name)).join(", ");
  return named.length < items.length ? strings.andMore(lines, items.length - named.length) : lines;
}
