import type { Role } from "../api/types";

export const homeOf = (role: Role) => (role === "admin" ? "/admin" : "/");

const isUnder = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

function isPlaceOf(role: Role, path: string) {
  if (path === "/account") return true;
  return role === "admin" ? isUnder(path, "/admin") : path === "/" || isUnder(path, "/orders");
}

/** Where to go after signing in: `?next=` if it is a page of this site that the role has, else home. An address of another site is never followed. */
export function placeAfterSignIn(search: string, role: Role): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  // "//elsewhere" and "/\elsewhere" are other sites. So is "/<tab>/elsewhere": only what a browser makes of it tells.
  if (!/^\/(?![/\\])/.test(next) || !URL.canParse(next, location.origin)) return homeOf(role);
  const url = new URL(next, location.origin);
  if (url.origin !== location.origin || !isPlaceOf(role, url.pathname)) return homeOf(role);
  return url.pathname + url.search + url.hash;
}
