import { type RefObject, useEffect, useRef, useState } from "react";
import type { Order, OrderStatus, StatusChange } from "../../shared/api/types";
import { ConfirmMove } from "../../shared/order/ConfirmMove";
import { Field, optional } from "../../shared/ui/Field";
import { strings } from "../../strings/adminOrder";
import { strings as common } from "../../strings/common";
import { PaymentSwitch } from "./PaymentSwitch";
import type { Wanted } from "./wanted";

/** These end the order or send it back: they are asked for, and stand last. */
const asks = (status: OrderStatus) => status === "cancelled" || status === "returned";

interface ActionsProps {
  order: Order;
  busy: boolean;
  onWrite: (wanted: Wanted) => Promise<boolean>;
}

/** What may be done to the order, by the server's word alone, and its payment. */
export function Actions({ order, busy, onWrite }: ActionsProps) {
  const [note, setNote] = useState("");
  const [asked, setAsked] = useState<OrderStatus>();
  const card = useRef<HTMLElement>(null);
  const moves = [...order.allowedTransitions].sort((a, b) => Number(asks(a)) - Number(asks(b)));

  const write = async (wanted: Wanted) => {
    if (await onWrite(wanted)) setNote("");
  };
  const move = (change: StatusChange) => {
    setAsked(undefined);
    void write({ kind: "status", change: { ...change, ...noteIn(note) } });
  };
  useFocusKept(card, moves.join());

  return (
    <section ref={card} tabIndex={-1} className="card admin-order-actions" aria-label={strings.next}>
      <div className="stack">
        <h2>{strings.next}</h2>
        {moves.length === 0 && <p className="muted">{strings.finished}</p>}
        {moves.length > 0 && (
          <div className="actions">
            {moves.map((to) => (
              <button
                key={to}
                type="button"
                className={asks(to) ? "danger" : "primary"}
                aria-disabled={busy || undefined}
                onClick={() => (asks(to) ? setAsked(to) : move({ status: to }))}
              >
                {common.transition[to]}
              </button>
            ))}
          </div>
        )}
        <PaymentSwitch
          order={order}
          busy={busy}
          onChange={(paymentReceived) => void write({ kind: "payment", paymentReceived, ...noteIn(note) })}
        />
      </div>
      <Field
        label={optional(strings.note)}
        hint={strings.noteHint}
        value={note}
        maxLength={1000}
        onChange={(event) => setNote(event.target.value)}
      />
      {asked && <ConfirmMove orders={[order]} to={asked} onConfirm={move} onClose={() => setAsked(undefined)} />}
    </section>
  );
}

const noteIn = (note: string) => (note.trim() ? { note: note.trim() } : {});

/** The button that was pressed goes once its move is made: whoever works by keyboard stays at the next step. */
function useFocusKept(card: RefObject<HTMLElement | null>, moves: string) {
  const before = useRef(moves);
  useEffect(() => {
    if (before.current === moves) return;
    before.current = moves;
    if (document.activeElement === document.body) card.current?.focus();
  }, [card, moves]);
}
