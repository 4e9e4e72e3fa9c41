import { valibotResolver } from "@hookform/resolvers/valibot";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { ApiError, NO_ANSWER } from "../../shared/api/http";
import type { Product } from "../../shared/api/types";
import { Field, optional } from "../../shared/ui/Field";
import { strings } from "../../strings/adminProducts";
import { FormDialog } from "./FormDialog";
import { type NewProductFields, newProductSchema, showFieldErrors } from "./productForm";
import { createProduct } from "./productWrites";
import { useBusy } from "./useBusy";
import { priceStep } from "./useCurrency";

interface NewProductDialogProps {
  currency: string | undefined;
  onCreated: (product: Product) => void;
  /** It may have been made: the list should tell. */
  onUnclear: () => void;
  onClose: () => void;
}

export function NewProductDialog({ currency, onCreated, onUnclear, onClose }: NewProductDialogProps) {
  const [busy, run] = useBusy();
  const [failure, setFailure] = useState<string>();
  const { register, handleSubmit, setError, formState } = useForm<NewProductFields>({
    resolver: valibotResolver(newProductSchema),
    defaultValues: { name: "", sku: "", stock: 0, active: true },
  });
  const { errors } = formState;

  const create = async ({ sku, ...product }: NewProductFields) => {
    setFailure(undefined);
    try {
      onCreated(await createProduct({ ...product, ...(sku && { sku }) }));
    } catch (error) {
      if (error instanceof ApiError && (error.code === NO_ANSWER || error.code === "outcome-unknown")) {
        setFailure(strings.createUnclear);
        onUnclear();
      } else setFailure(showFieldErrors(error, ["name", "sku", "price", "stock"], setError));
    }
  };
  return (
    <FormDialog
      title={strings.newProduct}
      submit={strings.create}
      busy={busy}
      failure={failure}
      onSubmit={handleSubmit((fields) => run(() => create(fields)))}
      onClose={onClose}
    >
      <Field label={strings.name} maxLength={200} error={errors.name?.message} {...register("name")} />
      <Field label={optional(strings.sku)} maxLength={64} error={errors.sku?.message} {...register("sku")} />
      <div className="products-pair">
        <Field
          label={currency ? strings.priceIn(currency) : strings.price}
          type="number"
          min={0}
          step={priceStep(currency)}
          error={errors.price?.message}
          {...register("price", { valueAsNumber: true })}
        />
        <Field
          label={strings.initialStock}
          type="number"
          min={0}
          step={1}
          error={errors.stock?.message}
          {...register("stock", { valueAsNumber: true })}
        />
      </div>
      <label className="check">
        <input type="checkbox" {...register("active")} />
        {strings.active}
        <span className="hint">{strings.activeHint}</span>
      </label>
    </FormDialog>
  );
}
