import type { ReactNode, RefObject } from "react";
import { formatMoney } from "../../shared/format/format";
import { strings } from "../../strings/orderForm";
import { BasketLines } from "./BasketLines";
import { type BasketLine, totalOf } from "./basket";

interface BasketProps {
  lines: BasketLine[];
  /** Unknown until there is a product. */
  currency?: string;
  heading: RefObject<HTMLHeadingElement | null>;
  button: RefObject<HTMLButtonElement | null>;
  placing: boolean;
  /** What went wrong, and the like: right above the button. */
  messages: ReactNode;
  address: ReactNode;
  onQuantity: (line: BasketLine, quantity: number) => void;
  onPlace: () => void;
}

/** What is chosen, where it goes, what it costs: and the order is placed. */
export function Basket(props: BasketProps) {
  const { lines, currency, heading, button, placing, messages, address, onQuantity, onPlace } = props;
  return (
    <section className="card stack order-basket" aria-labelledby="order-basket">
      <h2 id="order-basket" ref={heading} tabIndex={-1}>
        {strings.basket}
      </h2>
      {lines.length === 0 && <p className="muted">{strings.emptyBasket}</p>}
      {lines.length > 0 && (
        <BasketLines
          lines={lines}
          onQuantity={onQuantity}
          onMend={(line, quantity) => {
            onQuantity(line, quantity);
            // The button is gone: on to the next step.
            button.current?.focus();
          }}
        />
      )}
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onPlace();
        }}
      >
        {address}
        <div className="stack order-foot">
          <p className="order-total">
            {strings.total} <output>{currency && formatMoney(totalOf(lines), currency)}</output>
          </p>
          {messages}
          <button ref={button} type="submit" className="primary" aria-disabled={placing || undefined}>
            {strings.place}
          </button>
        </div>
        <p role="status" className="visually-hidden">
          {placing && strings.placing}
        </p>
      </form>
    </section>
  );
}
