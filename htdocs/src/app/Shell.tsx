import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import type { Role } from "../shared/api/types";
import { useLiveStatus } from "../shared/live/LiveContext";
import { useSession } from "../shared/session/SessionContext";
import { useTheme } from "../shared/theme/ThemeContext";
import { strings } from "../strings/app";
import { strings as common } from "../strings/common";

const PLACES: Record<Role, [href: string, label: string][]> = {
  customer: [
    ["/", strings.myOrders],
    ["/orders/new", strings.newOrder],
  ],
  admin: [
    ["/admin", strings.orders],
    ["/admin/products", strings.products],
    ["/admin/users", strings.users],
  ],
};

/** What is around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const { session } = useSession();
  return (
    <>
      <a className="skip" href="#content">
        {common.skipToContent}
      </a>
      <header className="top">
        <Link href="/" className="brand">
          {common.shop}
        </Link>
        {session.state === "in" && <Places role={session.user.role} />}
        <div className="top-end">
          <ConnectionBadge />
          <ThemeControl />
          {session.state === "in" && <SignOut name={session.user.name} />}
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function Places({ role }: { role: Role }) {
  const [path] = useLocation();
  return (
    <nav aria-label={strings.navigation}>
      <ul>
        {PLACES[role].map(([href, label]) => (
          <li key={href}>
            <Link href={href} aria-current={path === href ? "page" : undefined}>
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function ConnectionBadge() {
  const status = useLiveStatus();
  return (
    <div role="status" aria-label={strings.connection} className={`connection connection-${status}`}>
      {common.connection[status]}
    </div>
  );
}

function ThemeControl() {
  const { theme, themes, setTheme } = useTheme();
  return (
    <select
      aria-label={strings.theme}
      className="theme"
      value={theme}
      onChange={(event) => {
        const chosen = themes.find((each) => each === event.target.value);
        if (chosen) setTheme(chosen);
      }}
    >
      {themes.map((each) => (
        <option key={each} value={each}>
          {strings.themes[each]}
        </option>
      ))}
    </select>
  );
}

function SignOut({ name }: { name: string }) {
  const { signOut } = useSession();
  return (
    <>
      <Link href="/account" className="who">
        {name}
      </Link>
      <button type="button" onClick={() => void signOut().catch(() => {})}>
        {strings.signOut}
      </button>
    </>
  );
}
