import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { useSession } from "../shared/session/SessionContext";
import { strings as common } from "../strings/common";
import { GlobalShortcuts } from "./GlobalShortcuts";
import { Header } from "./Header";
import { PLACES } from "./places";
import { useArrivalFocus } from "./useArrivalFocus";
import { useScrollMemory } from "./useScrollMemory";

const ShortcutHelp = lazy(() => import("../shared/keyboard/ShortcutHelp"));
const Palette = lazy(() => import("../features/palette/Palette"));

/** What is around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const [over, setOver] = useState<"palette" | "help">();
  const role = session.state === "in" ? session.user.role : undefined;
  useArrivalFocus();
  useScrollMemory();
  // Nothing stays open over the sign-in page when a session ends.
  useEffect(() => {
    if (!role) setOver(undefined);
  }, [role]);

  const close = () => setOver(undefined);
  const openHelp = () => setOver("help");
  return (
    <>
      <a className="skip" href="#content">
        {common.skipToContent}
      </a>
      <GlobalShortcuts
        role={role}
        onPalette={() => setOver((now) => (now === "palette" ? undefined : "palette"))}
        onHelp={openHelp}
      />
      <Header onPalette={() => setOver("palette")} onHelp={openHelp} />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <Suspense fallback={null}>
        {over === "help" && <ShortcutHelp onClose={close} />}
        {over === "palette" && role && <Palette role={role} places={PLACES[role]} onHelp={openHelp} onClose={close} />}
      </Suspense>
    </>
  );
}
