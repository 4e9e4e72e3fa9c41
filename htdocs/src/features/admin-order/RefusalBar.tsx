import { useEffect, useRef, useState } from "react";
import { ApiError } from "../../shared/api/http";
import type { Order } from "../../shared/api/types";
import { ConfirmMove } from "../../shared/order/ConfirmMove";
import { Banner } from "../../shared/ui/Banner";
import { strings } from "../../strings/adminOrder";
import { strings as common } from "../../strings/common";
import { describeConflict } from "./describeChanges";
import { explainRefusal, mayPass } from "./explainRefusal";
import type { Refusal } from "./useWrites";
import { explainStanding, standing, type Wanted } from "./wanted";

interface RefusalBarProps {
  order: Order;
  refusal: Refusal;
  myId: string;
  onAgain: (wanted: Wanted) => void;
  onDismiss: () => void;
}

/** Why a change was not made. After a conflict: who changed what meanwhile, and the same change again while it makes sense. */
export function RefusalBar({ order, refusal, myId, onAgain, onDismiss }: RefusalBarProps) {
  const { wanted, error, since } = refusal;
  const bar = useRef<HTMLDivElement>(null);
  const [asking, setAsking] = useState(false);
  // The button that was pressed may be gone: reading goes on here.
  useEffect(() => bar.current?.focus(), []);

  const conflict = error instanceof ApiError && error.code === "version-mismatch";
  const again = standing(order, wanted) === "possible" && (conflict || mayPass(error));
  // The effect of a cancellation may be another one by now: it is asked again.
  const asks = wanted.kind === "status" && ["cancelled", "returned"].includes(wanted.change.status);
  return (
    <div ref={bar} tabIndex={-1} className="admin-order-refusal">
      <Banner
        tone={conflict ? "warn" : "bad"}
        action={
          <div className="actions">
            {again && (
              <button type="button" onClick={() => (asks ? setAsking(true) : onAgain(wanted))}>
                {conflict ? strings.applyAgain : common.tryAgain}
              </button>
            )}
            <button type="button" onClick={onDismiss}>
              {common.dismiss}
            </button>
          </div>
        }
      >
        {conflict ? (
          <>
            <strong>{strings.conflict(describeConflict(order, since, error, myId))}</strong>{" "}
            {explainStanding(order, wanted)}
          </>
        ) : (
          explainRefusal(error, order, wanted)
        )}
      </Banner>
      {asking && wanted.kind === "status" && (
        <ConfirmMove
          orders={[order]}
          to={wanted.change.status}
          onConfirm={(change) => onAgain({ kind: "status", change: { ...wanted.change, ...change } })}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}
