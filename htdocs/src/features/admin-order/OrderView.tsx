import { useRef } from "react";
import type { KeyedMutator } from "swr";
import type { Order } from "../../shared/api/types";
import { formatDateTime } from "../../shared/format/format";
import { OrderItems } from "../../shared/order/OrderItems";
import { StatusTracker } from "../../shared/order/StatusTracker";
import { useUser } from "../../shared/session/SessionContext";
import { LoadError } from "../../shared/ui/Banner";
import { useFlashOnChange } from "../../shared/ui/useFlashOnChange";
import { useTitle } from "../../shared/ui/useTitle";
import { strings } from "../../strings/adminOrder";
import { Actions } from "./Actions";
import { Customer } from "./Customer";
import { LastChange } from "./LastChange";
import { RefusalBar } from "./RefusalBar";
import { Timeline } from "./Timeline";
import { useWrites } from "./useWrites";

/** An order and all that can be done to it. */
export function OrderView({ order, mutate, error }: { order: Order; mutate: KeyedMutator<Order>; error: unknown }) {
  useTitle(order.number);
  const me = useUser();
  const { write, busy, refusal, dismiss } = useWrites(order, mutate);
  const flash = useFlashOnChange(order.status);
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <>
      <div className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {order.number}
          </h1>
          <p className="muted">{strings.placed(formatDateTime(order.createdAt))}</p>
        </div>
        <LastChange order={order} myId={me.id} quiet={refusal !== undefined} />
      </div>
      {error != null && <LoadError error={error} onRetry={() => void mutate()} />}
      {refusal && (
        <RefusalBar
          key={refusal.since}
          order={order}
          refusal={refusal}
          myId={me.id}
          onAgain={write}
          onDismiss={() => {
            dismiss();
            heading.current?.focus();
          }}
        />
      )}
      <div className={`card ${flash.className ?? ""}`} onAnimationEnd={flash.onAnimationEnd}>
        <StatusTracker order={order} />
      </div>
      <Actions order={order} busy={busy} onWrite={write} />
      <div className="columns">
        <div className="stack">
          <OrderItems order={order} />
          <Timeline order={order} myId={me.id} />
        </div>
        <Customer order={order} />
      </div>
    </>
  );
}
