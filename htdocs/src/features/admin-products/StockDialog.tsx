import { type FormEvent, useId, useRef, useState } from "react";
import type { Product } from "../../shared/api/types";
import { formatNumber } from "../../shared/format/format";
import { Field } from "../../shared/ui/Field";
import { strings } from "../../strings/adminProducts";
import { FormDialog } from "./FormDialog";
import { changeProduct, fetchProduct, type ProductChange } from "./productWrites";
import { type Direction, explainStockError, stockChange } from "./stockChange";
import { useBusy } from "./useBusy";

interface StockDialogProps {
  product: Product;
  onChanged: (product: Product, text: string, back: ProductChange) => void;
  /** The product as it is now, after a failure. */
  onFresh: (product: Product) => void;
  onClose: () => void;
}

/** Stock is changed by what came in or went away: meanwhile it is sold. */
export function StockDialog({ product, onChanged, onFresh, onClose }: StockDialogProps) {
  const [busy, run] = useBusy();
  const [direction, setDirection] = useState<Direction>("add");
  const [quantity, setQuantity] = useState("");
  const [tried, setTried] = useState(false);
  const [failure, setFailure] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const change = stockChange(product.stock, direction, quantity);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (change.error !== undefined) return input.current?.focus();
    const { delta } = change;
    return void run(async () => {
      setFailure(undefined);
      try {
        const changed = await changeProduct(product.id, { stockDelta: delta });
        onClose();
        onChanged(changed, strings.toastStock, { stockDelta: -delta });
      } catch (error) {
        await fetchProduct(product.id).then(onFresh, () => undefined);
        setFailure(explainStockError(error, delta));
      }
    });
  };
  return (
    <FormDialog
      title={strings.stockTitle(product.name)}
      submit={strings.changeStock}
      busy={busy}
      failure={failure}
      onSubmit={submit}
      onClose={onClose}
    >
      <DirectionChoice value={direction} onChange={setDirection} />
      <Field
        ref={input}
        label={strings.quantity}
        type="number"
        min={1}
        step={1}
        value={quantity}
        error={tried || quantity !== "" ? change.error : undefined}
        onChange={(event) => setQuantity(event.target.value)}
      />
      <dl className="products-preview" aria-live="polite">
        <dt>{strings.now}</dt>
        <dd>{formatNumber(product.stock)}</dd>
        <dt>{strings.after}</dt>
        <dd>{change.error === undefined ? formatNumber(change.after) : "–"}</dd>
      </dl>
      {Boolean(product.reserved) && <p className="muted">{strings.reservedNote(product.reserved ?? 0)}</p>}
    </FormDialog>
  );
}

const DIRECTIONS: Direction[] = ["add", "remove"];

function DirectionChoice({ value, onChange }: { value: Direction; onChange: (value: Direction) => void }) {
  const name = useId();
  return (
    <fieldset>
      <legend>{strings.direction}</legend>
      <div className="products-directions">
        {DIRECTIONS.map((each) => (
          <label key={each} className="check">
            <input type="radio" name={name} checked={value === each} onChange={() => onChange(each)} />
            {strings[each]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
