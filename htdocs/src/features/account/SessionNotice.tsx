import { useSession } from "../../shared/session/SessionContext";
import { Banner } from "../../shared/ui/Banner";
import { strings } from "../../strings/account";

/** Why one has to sign in, where there is a reason to tell. */
export function SessionNotice() {
  const { session } = useSession();
  if (session.state !== "out") return null;
  if (session.reason === "ended") return <Banner>{strings.ended}</Banner>;
  if (session.reason === "signed-out") return <Banner>{strings.signedOut}</Banner>;
  if (session.reason === "cookie-dropped")
    return (
      <Banner tone="bad">
        <strong>{strings.cookieDropped}</strong>{" "}
        {window.isSecureContext ? strings.cookieBlocked : strings.cookieNeedsHttps(location.host)}
      </Banner>
    );
  return null;
}
