import { type ReactNode, useRef, useState } from "react";
import type { Product } from "../../shared/api/types";
import type { KeysetList } from "../../shared/api/useKeysetList";
import { useShortcut } from "../../shared/keyboard/ShortcutContext";
import { LoadError } from "../../shared/ui/Banner";
import { EmptyState } from "../../shared/ui/EmptyState";
import { strings as common } from "../../strings/common";
import { strings } from "../../strings/orderForm";

interface ProductPickerProps {
  list: KeysetList<Product>;
  /** What the list was searched for. */
  q: string;
  onSearch: (q: string) => void;
  row: (product: Product) => ReactNode;
}

const MAX_SEARCH = 80;

export function ProductPicker({ list, q, onSearch, row }: ProductPickerProps) {
  const search = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(q);
  useShortcut("/", strings.searchShortcut, () => search.current?.focus());
  const change = (text: string) => {
    setTyped(text);
    onSearch(text);
  };
  return (
    <section className="stack" aria-labelledby="order-products">
      <h2 id="order-products" className="visually-hidden">
        {strings.products}
      </h2>
      <input
        ref={search}
        type="search"
        aria-label={strings.search}
        placeholder={strings.search}
        maxLength={MAX_SEARCH}
        autoComplete="off"
        value={typed}
        onChange={(event) => change(event.target.value)}
      />
      <p role="status" className="visually-hidden">
        {!list.loading && !list.stale && list.rows.length > 0 && strings.found(list.rows.length, list.hasMore)}
      </p>
      {list.error !== undefined && <LoadError error={list.error} onRetry={() => void list.refresh()} />}
      {list.loading && <p className="loading">{common.loading}</p>}
      {list.rows.length > 0 && (
        <ul className="card order-products" aria-busy={list.stale}>
          {list.rows.map(row)}
        </ul>
      )}
      {!list.loading && list.error === undefined && list.rows.length === 0 && (
        <NoProducts
          q={q}
          onClear={() => {
            change("");
            search.current?.focus();
          }}
          onReload={() => void list.refresh()}
        />
      )}
      {list.hasMore && (
        <div className="actions order-more">
          <button type="button" aria-disabled={list.loadingMore || undefined} onClick={list.more}>
            {common.more}
          </button>
        </div>
      )}
    </section>
  );
}

function NoProducts({ q, onClear, onReload }: { q: string; onClear: () => void; onReload: () => void }) {
  return (
    <div className="card">
      <EmptyState title={q ? strings.nothingFound(q) : strings.emptyShop}>
        <p>{q ? strings.nothingFoundHint : strings.emptyShopHint}</p>
        <button type="button" onClick={q ? onClear : onReload}>
          {q ? strings.clearSearch : strings.loadAgain}
        </button>
      </EmptyState>
    </div>
  );
}
