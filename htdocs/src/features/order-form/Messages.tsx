import { Banner } from "../../shared/ui/Banner";
import type { Attempt } from "./draft";
import { FailureBanner, MayBePlaced, NoAnswer } from "./FailureBanner";

interface MessagesProps {
  placing: boolean;
  /** What stands against sending the order. */
  complaint?: string;
  /** Why the order as it is now wasn't placed. */
  error: unknown;
  attempt?: Attempt;
  /** Of the order as it is now. */
  content: string;
  currency: string;
  onRetry: () => void;
  onAdjustAll: (() => void) | null;
}

/** The one message that matters most. */
export function Messages({
  placing,
  complaint,
  error,
  attempt,
  content,
  currency,
  onRetry,
  onAdjustAll,
}: MessagesProps) {
  if (placing) return null;
  if (complaint) return <Banner tone="bad">{complaint}</Banner>;
  if (error) return <FailureBanner error={error} currency={currency} onRetry={onRetry} onAdjustAll={onAdjustAll} />;
  // Sent before the page was loaded again, or before the order was changed.
  if (attempt?.open) return attempt.content === content ? <NoAnswer onRetry={onRetry} /> : <MayBePlaced />;
  return null;
}
