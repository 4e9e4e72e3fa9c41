import type { OrderStatus } from "../api/types";
import type { TrackerStep } from "./trackerSteps";

const TICK = "M5.5 10.5 8.7 13.5 14.5 7";
const CROSS = "M6.8 6.8 13.2 13.2M13.2 6.8 6.8 13.2";
const BACK = "M8.6 5.2 5.4 8.4l3.2 3.2M5.4 8.4h6a2.9 2.9 0 0 1 0 5.8H8.2";

/** The sign of a step: a tick, a dot, an empty ring, a cross or an arrow back, so that no colour is needed to tell them apart. */
export function StepMark({ status, state }: Pick<TrackerStep, "status" | "state">) {
  const sign = state === "to-come" ? undefined : signOf(status, state);
  return (
    <svg
      className={sign ? "tracker-mark tracker-signed" : "tracker-mark"}
      viewBox="0 0 20 20"
      width="20"
      height="20"
      aria-hidden="true"
    >
      <circle cx="10" cy="10" r="8.75" />
      {sign ? <path d={sign} /> : state === "current" && <circle className="tracker-dot" cx="10" cy="10" r="4" />}
    </svg>
  );
}

function signOf(status: OrderStatus, state: TrackerStep["state"]): string | undefined {
  if (status === "cancelled") return CROSS;
  if (status === "returned") return BACK;
  return state === "done" || status === "delivered" ? TICK : undefined;
}
