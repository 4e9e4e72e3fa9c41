import type { Role } from "../shared/api/types";
import { strings } from "../strings/app";

export interface Place {
  href: string;
  label: string;
  /** Pages under this address belong to the place, too. */
  under?: string;
}

/** What the navigation of each role shows. */
export const PLACES: Record<Role, Place[]> = {
  customer: [
    { href: "/", label: strings.myOrders, under: "/orders/" },
    { href: "/orders/new", label: strings.newOrder },
  ],
  admin: [
    { href: "/admin", label: strings.orders, under: "/admin/orders/" },
    { href: "/admin/products", label: strings.products },
    { href: "/admin/users", label: strings.users },
  ],
};

export const homeOf = (role: Role) => (role === "admin" ? "/admin" : "/");

/** For aria-current: the page itself, or a page of that part. */
export function standing(place: Place, path: string, places: Place[]): "page" | "true" | undefined {
  if (place.href === path) return "page";
  const elsewhere = places.some((each) => each.href === path);
  return place.under && !elsewhere && path.startsWith(place.under) ? "true" : undefined;
}
