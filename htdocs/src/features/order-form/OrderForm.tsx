import { useRef } from "react";
import { useLocation, useSearch } from "wouter";
import type { Product } from "../../shared/api/types";
import { useKeysetList } from "../../shared/api/useKeysetList";
import { useUser } from "../../shared/session/SessionContext";
import { Banner } from "../../shared/ui/Banner";
import { useTitle } from "../../shared/ui/useTitle";
import { strings } from "../../strings/orderForm";
import { AddressPart } from "./AddressPart";
import { Basket } from "./Basket";
import { BasketBar } from "./BasketBar";
import { possible } from "./basket";
import { Messages } from "./Messages";
import "./OrderForm.css";
import { ProductPicker } from "./ProductPicker";
import { ProductRow } from "./ProductRow";
import { useDebounced } from "./useDebounced";
import { useDraft } from "./useDraft";
import { useOrder } from "./useOrder";
import { useReorder } from "./useReorder";

export default function OrderForm() {
  useTitle(strings.title);
  const [, navigate] = useLocation();
  const heading = useRef<HTMLHeadingElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  const [q, search] = useDebounced();
  const list = useKeysetList<Product>(`/products?limit=20${q && `&q=${encodeURIComponent(q)}`}`);
  const draft = useDraft(useUser().id);
  const { basket, ship, placing, submit, ...messages } = useOrder(draft, list);
  const { lines } = basket;
  const currency = lines[0]?.currency ?? list.rows[0]?.currency;

  const reorder = useReorder(new URLSearchParams(useSearch()).get("reorder"), {
    fill: ({ order, found }) => {
      for (const { product, quantity } of found) basket.choose(product, quantity);
      if (order.shipTo) ship.offer(order.shipTo);
    },
    // So that loading the page again doesn't fill the basket again.
    done: () => navigate("/orders/new", { replace: true }),
  });

  const mendable = lines.filter(({ trouble }) => trouble?.kind === "short" || trouble?.kind === "gone");
  const adjustAll = () => {
    for (const line of mendable) basket.setLine(line, possible(line));
    button.current?.focus();
  };
  return (
    <>
      <h1>{strings.title}</h1>
      {reorder.filling && <Banner>{strings.reordering}</Banner>}
      {reorder.note && <Banner tone={reorder.note.tone}>{reorder.note.sentences.join(" ")}</Banner>}
      <div className="columns">
        <div className="order-choice">
          <ProductPicker
            list={list}
            q={q}
            onSearch={search}
            row={(product) => (
              <ProductRow
                key={product.id}
                listed={product}
                known={basket.known(product.id)}
                line={lines.find((line) => line.productId === product.id)}
                onQuantity={basket.choose}
              />
            )}
          />
          <BasketBar lines={lines} onGo={() => heading.current?.focus()} />
        </div>
        <Basket
          lines={lines}
          currency={currency}
          heading={heading}
          button={button}
          placing={placing}
          onQuantity={basket.setLine}
          onPlace={submit}
          address={<AddressPart form={ship} />}
          messages={
            <Messages
              {...messages}
              placing={placing}
              attempt={draft.draft.attempt}
              currency={currency ?? ""}
              onRetry={submit}
              onAdjustAll={mendable.length > 1 ? adjustAll : null}
            />
          }
        />
      </div>
    </>
  );
}
