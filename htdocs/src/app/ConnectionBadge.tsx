import { useEffect, useState } from "react";
import { useLiveStatus } from "../shared/live/LiveContext";
import { strings } from "../strings/app";
import { strings as common } from "../strings/common";

/** The first connection mostly stands within this time: until then there is nothing to say. */
const FIRST_WAIT = 1_500;

/** In words, so that it is for everybody; changes are announced. */
export function ConnectionBadge() {
  const status = useLiveStatus();
  const [first, setFirst] = useState(true);
  useEffect(() => {
    if (status !== "reconnecting") setFirst(false);
    const timer = setTimeout(() => setFirst(false), FIRST_WAIT);
    return () => clearTimeout(timer);
  }, [status]);
  const quiet = first && status === "reconnecting";
  return (
    <div
      role="status"
      aria-label={strings.connection}
      className={quiet ? "connection" : `connection connection-${status}`}
    >
      {!quiet && common.connection[status]}
    </div>
  );
}
