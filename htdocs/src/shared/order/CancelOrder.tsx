import { type RefObject, useEffect, useRef, useState } from "react";
import { strings as common } from "../../strings/common";
import { strings } from "../../strings/customer";
import { fetcher } from "../api/http";
import type { Order, OrderRow } from "../api/types";
import { useToast } from "../ui/ToastContext";
import { ConfirmMove } from "./ConfirmMove";
import { cancelFailure } from "./cancelFailure";
import { cancelOwn } from "./orderMoves";

interface CancelOrderProps<Row extends OrderRow> {
  order: Row;
  /** What the order is now: first as if it had worked, then what came of it. An older version than the one that is shown must change nothing. */
  onChange: (order: Row | Order) => void;
  /** Why it failed; undefined when it is tried. */
  onFailure: (reason: string | undefined) => void;
  /** Gets the focus when the button is gone. */
  focusAfter: RefObject<HTMLElement | null>;
  describedBy?: string;
}

/** The customer's button to cancel their own order, as long as they may. */
export function CancelOrder<Row extends OrderRow>(props: CancelOrderProps<Row>) {
  const { order, onChange, onFailure, focusAfter, describedBy } = props;
  const [asking, setAsking] = useState(false);
  const confirmed = useRef(false);
  const toast = useToast();

  useEffect(() => {
    if (asking || !confirmed.current) return;
    confirmed.current = false;
    focusAfter.current?.focus();
  }, [asking, focusAfter]);

  const cancel = async () => {
    confirmed.current = true;
    setAsking(false);
    onFailure(undefined);
    onChange({
      ...order,
      status: "cancelled",
      allowedTransitions: [],
      ...(order.paymentReceived && { refundDue: true }),
    });
    try {
      onChange(await cancelOwn(order));
      toast({ text: strings.cancelled });
    } catch (error) {
      onChange(order);
      onFailure(cancelFailure(order, error));
      // Whatever it is instead; where even that can't be told, it stays as it was.
      await fetcher<Order>(`/orders/${order.id}`).then(onChange, () => {});
    }
  };

  if (!order.allowedTransitions.includes("cancelled")) return null;
  return (
    <>
      <button type="button" aria-describedby={describedBy} onClick={() => setAsking(true)}>
        {common.transition.cancelled}
      </button>
      {asking && (
        <ConfirmMove
          own
          orders={[order]}
          to="cancelled"
          onConfirm={() => void cancel()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
