import { type FormEvent, type Ref, useId, useRef, useState } from "react";
import { strings as common } from "../../strings/common";
import { strings } from "../../strings/moves";
import { toMessage } from "../api/http";
import type { OrderRow, OrderStatus, StatusChange } from "../api/types";
import { Banner } from "../ui/Banner";
import { Dialog } from "../ui/Dialog";
import { Field, optional } from "../ui/Field";
import { describeEffect } from "./describeEffect";
import { moveEffect } from "./moveEffect";

interface ConfirmMoveProps {
  orders: OrderRow[];
  to: OrderStatus;
  onConfirm: (change: StatusChange) => void;
  onClose: () => void;
  /** The move is under way. */
  busy?: boolean;
  /** Why it failed. */
  error?: unknown;
  /** The customer's own order: no reason is asked, the API takes none. */
  own?: boolean;
}

/** Asks before orders are moved, and says in words what the move does. */
export function ConfirmMove({ orders, to, onConfirm, onClose, busy = false, error, own = false }: ConfirmMoveProps) {
  const [restock, setRestock] = useState<boolean>();
  const [missing, setMissing] = useState(false);
  const [reason, setReason] = useState("");
  const firstRadio = useRef<HTMLInputElement>(null);
  const { moving, staying, units } = moveEffect(orders, to);
  const single = orders.length === 1 ? orders[0] : undefined;

  const confirm = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (to === "returned" && restock === undefined) {
      setMissing(true);
      firstRadio.current?.focus();
      return;
    }
    onConfirm({
      status: to,
      ...(to === "returned" && { restock }),
      ...(reason.trim() && { reason: reason.trim() }),
    });
  };

  return (
    <Dialog title={strings.title(to, single?.number ?? strings.orders(orders.length))} onClose={onClose}>
      <form className="stack" onSubmit={confirm} noValidate>
        <div aria-live="polite">
          {moving.length > 0 && <p>{describeEffect(orders, to, restock)}.</p>}
          {staying.length > 0 && <p className="muted">{strings.staying(staying.length, common.status[to])}</p>}
          {to === "cancelled" && <p className="muted">{strings.final}</p>}
        </div>
        {to === "returned" && (
          <Restock
            units={units}
            value={restock}
            onChange={setRestock}
            error={missing && restock === undefined}
            ref={firstRadio}
          />
        )}
        {!own && (
          <Field
            label={optional(strings.reason)}
            hint={strings.reasonHint}
            value={reason}
            maxLength={1000}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        {error != null && <Banner tone="bad">{toMessage(error)}</Banner>}
        <div className="actions">
          <button
            type="submit"
            className={to === "cancelled" || to === "returned" ? "danger" : "primary"}
            disabled={moving.length === 0}
            aria-disabled={busy || undefined}
          >
            {single ? common.transition[to] : strings.title(to, strings.orders(moving.length))}
          </button>
          {/* "Cancel" beside "Cancel order" would leave people guessing. */}
          <button type="button" onClick={onClose}>
            {to === "cancelled" ? strings.keep(orders.length) : common.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Restock({
  units,
  value,
  onChange,
  error,
  ref,
}: {
  units: number;
  value: boolean | undefined;
  onChange: (value: boolean) => void;
  error: boolean;
  ref: Ref<HTMLInputElement>;
}) {
  const name = useId();
  return (
    <fieldset className="field" aria-describedby={error ? `${name}-error` : undefined}>
      <legend>{strings.restock}</legend>
      {[true, false].map((each) => (
        <label key={String(each)} className="check">
          <input
            ref={each ? ref : undefined}
            type="radio"
            required
            name={name}
            checked={value === each}
            onChange={() => onChange(each)}
          />
          {each ? strings.restockYes(units) : strings.restockNo}
        </label>
      ))}
      {error && (
        <p id={`${name}-error`} className="field-error" role="alert">
          {strings.restockNeeded}
        </p>
      )}
    </fieldset>
  );
}
