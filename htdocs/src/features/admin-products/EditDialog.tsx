import { valibotResolver } from "@hookform/resolvers/valibot";
import { useState } from "react";
import { useForm } from "react-hook-form";
import type { Product } from "../../shared/api/types";
import { Field } from "../../shared/ui/Field";
import { strings } from "../../strings/adminProducts";
import { FormDialog } from "./FormDialog";
import { type EditFields, editSchema, showFieldErrors } from "./productForm";
import { changeProduct, type ProductChange } from "./productWrites";
import { useBusy } from "./useBusy";
import { priceStep } from "./useCurrency";

interface EditDialogProps {
  product: Product;
  /** `back` is what undoes it. */
  onChanged: (product: Product, text: string, back: ProductChange) => void;
  onClose: () => void;
}

export function EditDialog({ product, onChanged, onClose }: EditDialogProps) {
  const [busy, run] = useBusy();
  const [failure, setFailure] = useState<string>();
  const { register, handleSubmit, setError, formState } = useForm<EditFields>({
    resolver: valibotResolver(editSchema),
    defaultValues: { name: product.name, price: product.price },
  });
  const { errors, defaultValues } = formState;

  const save = async (fields: EditFields) => {
    setFailure(undefined);
    const { change, back } = differences(defaultValues as EditFields, fields);
    if (Object.keys(change).length === 0) return onClose();
    try {
      const changed = await changeProduct(product.id, change);
      onClose();
      onChanged(changed, "price" in change ? strings.toastPrice : strings.toastSaved, back);
    } catch (error) {
      setFailure(showFieldErrors(error, ["name", "price"], setError));
    }
  };
  return (
    <FormDialog
      title={strings.editTitle(product.name)}
      submit={strings.save}
      busy={busy}
      failure={failure}
      onSubmit={handleSubmit((fields) => run(() => save(fields)))}
      onClose={onClose}
    >
      <Field label={strings.name} maxLength={200} error={errors.name?.message} {...register("name")} />
      <Field
        label={strings.priceIn(product.currency)}
        type="number"
        min={0}
        step={priceStep(product.currency)}
        hint={strings.priceHint}
        error={errors.price?.message}
        {...register("price", { valueAsNumber: true })}
      />
      {product.sku && <p className="muted">{strings.skuFixed(product.sku)}</p>}
    </FormDialog>
  );
}

/** Only what was edited is sent: the rest may have been changed by others since. */
function differences(before: EditFields, after: EditFields) {
  const change: Partial<EditFields> = {};
  const back: Partial<EditFields> = {};
  if (after.name !== before.name) {
    change.name = after.name;
    back.name = before.name;
  }
  if (after.price !== before.price) {
    change.price = after.price;
    back.price = before.price;
  }
  return { change, back };
}
