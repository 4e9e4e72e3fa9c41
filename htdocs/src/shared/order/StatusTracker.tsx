import type { ReactNode } from "react";
import { strings as common } from "../../strings/common";
import { strings } from "../../strings/tracker";
import { formatDateTime, formatMoney } from "../format/format";
import { StatusAnnouncement } from "./StatusAnnouncement";
import "./StatusTracker.css";
import { StepMark } from "./StepMark";
import { paidAt, type TrackedOrder, type TrackerStep, trackerSteps } from "./trackerSteps";

/**
 * Where an order stands: its steps with their times, as far as they are known, and its payment. It works with a row of a list and, better, with a whole
 * order. `who` names who made each step (for admins); `compact` is for cards: the steps alone. It lies down where it has room and stands up where it has not.
 */
export function StatusTracker({ order, who, compact }: { order: TrackedOrder; who?: boolean; compact?: boolean }) {
  return (
    <div className={compact ? "tracker tracker-compact" : "tracker"}>
      <ol aria-label={common.progress} className="tracker-steps">
        {trackerSteps(order).map((step, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the path
          <Step key={i} step={step}>
            {!compact && <Notes step={step} who={who} />}
          </Step>
        ))}
      </ol>
      <Payment order={order} />
      <StatusAnnouncement order={order} />
    </div>
  );
}

function Step({ step: { status, state }, children }: { step: TrackerStep; children: ReactNode }) {
  return (
    <li
      className={`tracker-step tracker-${state} tracker-at-${status}`}
      aria-current={state === "current" ? "step" : undefined}
    >
      <StepMark status={status} state={state} />
      <div className="tracker-text">
        <span className="tracker-name">{common.status[status]}</span>
        {state === "done" && <span className="visually-hidden">, {strings.done}</span>}
        {state === "to-come" && <span className="visually-hidden">, {strings.toCome}</span>}
        {children}
      </div>
    </li>
  );
}

function Notes({ step: { at, by, reason }, who }: { step: TrackerStep; who?: boolean }) {
  return (
    <>
      {at && (
        <time className="tracker-note" dateTime={at}>
          {formatDateTime(at)}
        </time>
      )}
      {who && by && <span className="tracker-note">{strings.by(by)}</span>}
      {reason && <q className="tracker-note">{reason}</q>}
    </>
  );
}

function Payment({ order }: { order: TrackedOrder }) {
  const at = paidAt(order);
  const over = order.status === "cancelled" || order.status === "returned";
  return (
    <p className="tracker-payment">
      <span>
        <span className="muted">{strings.payment}:</span>{" "}
        {order.paymentReceived ? strings.received : over ? strings.never : strings.open}
      </span>
      {order.paymentReceived && at && (
        <time className="muted" dateTime={at}>
          {formatDateTime(at)}
        </time>
      )}
      {order.refundDue && (
        <strong className="tracker-refund">{strings.refundDue(formatMoney(order.total, order.currency))}</strong>
      )}
    </p>
  );
}
