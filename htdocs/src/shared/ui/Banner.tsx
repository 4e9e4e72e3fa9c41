import type { ReactNode } from "react";
import { strings } from "../../strings/common";
import { toMessage } from "../api/http";

/** A message that stays until its cause is gone. */
export function Banner({
  tone = "info",
  children,
  action,
}: {
  tone?: "info" | "warn" | "bad";
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={`banner banner-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <div>{children}</div>
      {action}
    </div>
  );
}

/** What to show where a fetch failed. */
export function LoadError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Banner
      tone="bad"
      action={
        <button type="button" onClick={onRetry}>
          {strings.tryAgain}
        </button>
      }
    >
      {toMessage(error)}
    </Banner>
  );
}
