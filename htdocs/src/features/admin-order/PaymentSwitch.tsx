import { useId } from "react";
import type { Order } from "../../shared/api/types";
import { Switch } from "../../shared/ui/Switch";
import { useFlashOnChange } from "../../shared/ui/useFlashOnChange";
import { strings } from "../../strings/adminOrder";
import { paymentIsFinal } from "./wanted";

interface PaymentSwitchProps {
  order: Order;
  busy: boolean;
  onChange: (received: boolean) => void;
}

export function PaymentSwitch({ order, busy, onChange }: PaymentSwitchProps) {
  const id = useId();
  const flash = useFlashOnChange(order.paymentReceived);
  const final = order.paymentReceived && paymentIsFinal(order);
  return (
    <div className={flash.className} onAnimationEnd={flash.onAnimationEnd}>
      <label className="check" htmlFor={id}>
        <Switch
          id={id}
          checked={order.paymentReceived}
          busy={busy}
          disabled={final}
          aria-describedby={final ? `${id}-hint` : undefined}
          onChange={onChange}
        />
        {strings.payment}
      </label>
      {final && (
        <p id={`${id}-hint`} className="hint">
          {strings.paymentFinal(order.status)}
        </p>
      )}
    </div>
  );
}
