import { Link, useLocation } from "wouter";
import type { User } from "../shared/api/types";
import { keyCaps } from "../shared/keyboard/keys";
import { useSession } from "../shared/session/SessionContext";
import { Icon } from "../shared/ui/Icon";
import { useToast } from "../shared/ui/ToastContext";
import { strings } from "../strings/app";
import { strings as common } from "../strings/common";
import { strings as keyboard } from "../strings/keyboard";
import { ConnectionBadge } from "./ConnectionBadge";
import { homeOf, PLACES, standing } from "./places";
import { ThemeControl } from "./ThemeControl";

interface HeaderProps {
  onPalette: () => void;
  onHelp: () => void;
}

export function Header({ onPalette, onHelp }: HeaderProps) {
  const { session } = useSession();
  const user = session.state === "in" ? session.user : undefined;
  return (
    <header className="top">
      <Link href={user ? homeOf(user.role) : "/"} className="brand">
        <img src="/favicon.svg" alt="" width="28" height="28" />
        <span className="brand-name">{common.shop}</span>
      </Link>
      {user && <Places role={user.role} />}
      <div className="top-end">
        <ConnectionBadge />
        {/* Shown as a whole as soon as it is known who is here: nothing moves afterwards. */}
        {session.state !== "loading" && (
          <>
            {user && <PaletteButton onClick={onPalette} />}
            <button type="button" className="tool tool-keyboard" aria-label={keyboard.title} onClick={onHelp}>
              <Icon name="keyboard" />
            </button>
            <ThemeControl />
            {user && <Account user={user} />}
          </>
        )}
      </div>
    </header>
  );
}

function Places({ role }: { role: User["role"] }) {
  const [path] = useLocation();
  const places = PLACES[role];
  return (
    <nav aria-label={strings.navigation}>
      <ul>
        {places.map((place) => (
          <li key={place.href}>
            <Link href={place.href} aria-current={standing(place, path, places)}>
              {place.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function PaletteButton({ onClick }: { onClick: () => void }) {
  return (
    <button
      type="button"
      className="tool tool-search"
      aria-label={keyboard.palette}
      aria-keyshortcuts="Control+K"
      data-keys={keyCaps("Ctrl+k").flat().join(" ")}
      onClick={onClick}
    >
      <Icon name="search" />
    </button>
  );
}

function Account({ user }: { user: User }) {
  const { signOut } = useSession();
  const toast = useToast();
  const leave = () => void signOut().catch(() => toast({ text: strings.signOutFailed, tone: "bad" }));
  return (
    <>
      <Link href="/account" className="tool who" aria-label={strings.accountOf(user.name)}>
        <Icon name="person" />
        <span className="tool-word">{user.name}</span>
      </Link>
      <button type="button" className="tool" aria-label={strings.signOut} onClick={leave}>
        <Icon name="leave" />
        <span className="tool-word">{strings.signOut}</span>
      </button>
    </>
  );
}
