import { useState } from "react";
import { strings } from "../../strings/orderForm";
import { MAX_QUANTITY } from "./basket";

interface QuantityStepperProps {
  name: string;
  quantity: number;
  /** As far as is known. */
  stock: number;
  invalid: boolean;
  /** The element that tells what is wrong. */
  describedBy: string;
  onChange: (quantity: number) => void;
}

/** How many of a product: a number to type, and buttons for one less and one more. What is typed is never cut: the page tells what is wrong with it. */
export function QuantityStepper({ name, quantity, stock, invalid, describedBy, onChange }: QuantityStepperProps) {
  // What is typed may be no number yet.
  const [typed, setTyped] = useState<string | null>(null);
  const canAdd = quantity < stock && quantity < MAX_QUANTITY;
  return (
    <div className="order-stepper">
      <StepButton
        label={strings.less(name)}
        sign="−"
        on={quantity > 0}
        onPress={() => onChange(Math.ceil(quantity) - 1)}
      />
      <input
        type="number"
        inputMode="numeric"
        min={0}
        max={MAX_QUANTITY}
        step={1}
        aria-label={strings.quantityOf(name)}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        disabled={stock <= 0 && quantity === 0}
        value={typed ?? quantity}
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(Number(event.target.value));
        }}
        onBlur={() => setTyped(null)}
        // Scrolling the page over a focused number would change it.
        onWheel={(event) => event.currentTarget.blur()}
      />
      <StepButton label={strings.more(name)} sign="+" on={canAdd} onPress={() => onChange(Math.floor(quantity) + 1)} />
    </div>
  );
}

interface StepButtonProps {
  label: string;
  sign: string;
  on: boolean;
  onPress: () => void;
}

/** Keeps the focus when its end is reached, which a disabled button would lose. */
export function StepButton({ label, sign, on, onPress }: StepButtonProps) {
  return (
    <button
      type="button"
      className="icon"
      aria-label={label}
      aria-disabled={!on || undefined}
      onClick={() => {
        if (on) onPress();
      }}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}
