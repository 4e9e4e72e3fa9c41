import type { ReactNode } from "react";
import { Link, Redirect, useLocation } from "wouter";
import type { Role } from "../shared/api/types";
import { useSession } from "../shared/session/SessionContext";
import { Banner } from "../shared/ui/Banner";
import { EmptyState } from "../shared/ui/EmptyState";
import { useTitle } from "../shared/ui/useTitle";
import { strings } from "../strings/app";
import { strings as common } from "../strings/common";
import { homeOf } from "./places";

/** Shows its page to whoever may see it. The API checks for itself: this only spares people pages that would not work for them. */
export function Gate({ who, children }: { who?: Role; children: ReactNode }) {
  const { session, refresh } = useSession();
  const [path] = useLocation();
  if (session.state === "loading") return <p className="loading">{common.loading}</p>;
  if (session.state === "unreachable")
    return (
      <Banner
        tone="bad"
        action={
          <button type="button" onClick={() => void refresh()}>
            {common.tryAgain}
          </button>
        }
      >
        {strings.unreachable}
      </Banner>
    );
  if (session.state === "out") {
    // Who signed out starts afresh; whoever's session ended comes back to where they were.
    const next = session.reason === "signed-out" ? "" : `?next=${encodeURIComponent(path + location.search)}`;
    return <Redirect to={`/login${next}`} replace />;
  }
  if (who && session.user.role !== who) {
    // Who opens the shop's address comes to the page of their own role.
    if (path === "/") return <Redirect to={homeOf(session.user.role)} replace />;
    return <WrongRole needed={who} home={homeOf(session.user.role)} />;
  }
  return children;
}

function WrongRole({ needed, home }: { needed: Role; home: string }) {
  const title = needed === "admin" ? strings.adminsOnly : strings.customersOnly;
  useTitle(title);
  return (
    <EmptyState title={title} page>
      <p>{needed === "admin" ? strings.adminsOnlyHint : strings.customersOnlyHint}</p>
      <Link href={home}>{strings.home}</Link>
    </EmptyState>
  );
}
