import type { ReactNode } from "react";
import { Link } from "wouter";
import { ApiError, toMessage } from "../../shared/api/http";
import { formatMoney, formatWait } from "../../shared/format/format";
import { Banner } from "../../shared/ui/Banner";
import { strings } from "../../strings/orderForm";
import { leavesOpen } from "./attempt";

interface FailureBannerProps {
  error: unknown;
  currency: string;
  onRetry: () => void;
  /** Makes every line one that can be had; null: there is none to be mended, or one alone, which has its own button. */
  onAdjustAll: (() => void) | null;
}

/** Why the order wasn't placed, or may not have been, and what to do. */
export function FailureBanner({ error, currency, onRetry, onAdjustAll }: FailureBannerProps) {
  const { problem, retryAfter, code, status } =
    error instanceof ApiError ? error : { problem: undefined, retryAfter: undefined, code: "", status: 0 };
  const adjust = onAdjustAll && <Action label={strings.adjustAll} onPress={onAdjustAll} />;

  if (problem?.orderId)
    return (
      <Banner tone="warn" action={<Link href={`/orders/${problem.orderId}`}>{strings.lookAtOrder}</Link>}>
        {strings.unknown}
      </Banner>
    );
  if (leavesOpen(error)) return <NoAnswer onRetry={onRetry} />;
  if (code === "insufficient-stock") return <Bad action={adjust}>{strings.short}</Bad>;
  if (code === "product-unavailable") return <Bad action={adjust}>{strings.unavailable}</Bad>;
  if (code === "price-changed" && problem?.expectedTotal !== undefined && problem.total !== undefined)
    return (
      <Banner tone="warn">
        {strings.priceChanged(formatMoney(problem.expectedTotal, currency), formatMoney(problem.total, currency))}
      </Banner>
    );
  if (code === "idempotency-key-reused")
    return (
      <Banner tone="warn" action={<Link href="/">{strings.lookAtOrders}</Link>}>
        {strings.keyReused}
      </Banner>
    );
  if (retryAfter) {
    const wait = formatWait(retryAfter);
    return <Bad>{status === 429 ? strings.tooManyTries(wait) : strings.busy(wait)}</Bad>;
  }
  if (problem?.errors?.length) return <Bad>{strings.checkFields}</Bad>;
  return <Bad>{toMessage(error)}</Bad>;
}

const Bad = ({ children, action }: { children: ReactNode; action?: ReactNode }) => (
  <Banner tone="bad" action={action}>
    {children}
  </Banner>
);

const Action = ({ label, onPress }: { label: string; onPress: () => void }) => (
  <button type="button" onClick={onPress}>
    {label}
  </button>
);

export const NoAnswer = ({ onRetry }: { onRetry: () => void }) => (
  <Banner tone="warn" action={<Action label={strings.tryAgain} onPress={onRetry} />}>
    {strings.noAnswer}
  </Banner>
);

export const MayBePlaced = () => (
  <Banner tone="warn" action={<Link href="/">{strings.lookAtOrders}</Link>}>
    {strings.mayBePlaced}
  </Banner>
);
