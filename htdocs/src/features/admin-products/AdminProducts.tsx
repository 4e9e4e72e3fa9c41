import { useState } from "react";
import type { Product } from "../../shared/api/types";
import { useKeysetList } from "../../shared/api/useKeysetList";
import { Banner, LoadError } from "../../shared/ui/Banner";
import { SearchBox } from "../../shared/ui/SearchBox";
import { useToast } from "../../shared/ui/ToastContext";
import { useTitle } from "../../shared/ui/useTitle";
import { strings } from "../../strings/adminProducts";
import { strings as common } from "../../strings/common";
import { ActiveSelect } from "./ActiveSelect";
import { EditDialog } from "./EditDialog";
import { NewProductDialog } from "./NewProductDialog";
import { NoProducts } from "./NoProducts";
import { ProductTable } from "./ProductTable";
import { StockDialog } from "./StockDialog";
import { useCurrency } from "./useCurrency";
import { useProductChanges } from "./useProductChanges";
import { useProductEvents } from "./useProductEvents";
import { listPath, useProductFilter } from "./useProductFilter";
import "./AdminProducts.css";

type Open = { dialog: "new" } | { dialog: "edit" | "stock"; product: Product };

export default function AdminProducts() {
  useTitle(strings.title);
  const { filter, change } = useProductFilter();
  const list = useKeysetList<Product>(listPath(filter));
  const changes = useProductChanges(list);
  const currency = useCurrency(list);
  const toast = useToast();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  useProductEvents(list);

  const created = (product: Product) => {
    close();
    toast({ text: strings.toastCreated });
    const shown = filter.q === "" && (filter.active === "all" || filter.active === String(product.active));
    if (shown) list.prepend([product]);
    else void list.refresh();
  };
  /** The dialog is about a product as it is now, not as it was when the dialog was opened. */
  const fresh = (product: Product) => list.rows.find((row) => row.id === product.id) ?? product;

  return (
    <>
      <div className="page-head">
        <h1>{strings.title}</h1>
        <button type="button" className="primary" onClick={() => setOpen({ dialog: "new" })}>
          {strings.newProduct}
        </button>
      </div>
      <div className="products-filters">
        <SearchBox label={strings.search} hint={strings.searchHint} term={filter.q} onTerm={(q) => change({ q })} />
        <ActiveSelect value={filter.active} onChange={(active) => change({ active })} />
      </div>
      <p role="status" className="visually-hidden">
        {filter.q !== "" && !list.loading && !list.stale && list.error == null
          ? strings.found(list.rows.length, list.hasMore)
          : ""}
      </p>
      {changes.failure && (
        <Banner
          tone="bad"
          action={
            <button type="button" onClick={changes.dismiss}>
              {common.dismiss}
            </button>
          }
        >
          {changes.failure}
        </Banner>
      )}
      {list.error != null && <LoadError error={list.error} onRetry={() => void list.refresh()} />}
      {list.loading && <p className="loading">{common.loading}</p>}
      {list.rows.length > 0 && (
        <ProductTable
          list={list}
          onActive={changes.setActive}
          onEdit={(product) => setOpen({ dialog: "edit", product })}
          onStock={(product) => setOpen({ dialog: "stock", product })}
        />
      )}
      {!list.loading && list.error == null && list.rows.length === 0 && (
        <NoProducts
          filtered={filter.q !== "" || filter.active !== "all"}
          onClear={() => change({ q: "", active: "all" })}
        />
      )}
      {open?.dialog === "new" && (
        <NewProductDialog currency={currency} onCreated={created} onUnclear={list.refresh} onClose={close} />
      )}
      {open?.dialog === "edit" && (
        <EditDialog product={fresh(open.product)} onChanged={changes.changed} onClose={close} />
      )}
      {open?.dialog === "stock" && (
        <StockDialog product={fresh(open.product)} onChanged={changes.changed} onFresh={list.patch} onClose={close} />
      )}
    </>
  );
}
