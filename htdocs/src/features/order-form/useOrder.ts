import { useEffect, useRef, useState } from "react";
import { useSWRConfig } from "swr";
import { useLocation } from "wouter";
import { ApiError } from "../../shared/api/http";
import type { Order, Product } from "../../shared/api/types";
import type { KeysetList } from "../../shared/api/useKeysetList";
import { useToast } from "../../shared/ui/ToastContext";
import { strings } from "../../strings/orderForm";
import { toAddress } from "./address";
import { contentOf } from "./attempt";
import { type BasketLine, lineErrors, MAX_LINES, stockTold, toRequest } from "./basket";
import { useAddress } from "./useAddress";
import { useBasket } from "./useBasket";
import type { DraftValue } from "./useDraft";
import { type Failure, usePlaceOrder } from "./usePlaceOrder";

const NONE = new Map<string, string>();

/** Why the basket can't be sent. What the server would refuse for reasons that it knows best (stock, prices) is sent. */
function complaintAbout(lines: BasketLine[]): string | undefined {
  if (lines.length === 0) return strings.nothingChosen;
  if (lines.length > MAX_LINES) return strings.tooManyLines(MAX_LINES);
  return lines.some((line) => line.trouble?.kind === "quantity") ? strings.checkLines : undefined;
}

/** Basket, address and the placing of both. Messages hold for the content that they were made for: a change makes them go. */
export function useOrder(value: DraftValue, list: KeysetList<Product>) {
  const [complaint, setComplaint] = useState<{ about: string; text: string }>();
  const onPlaced = useOnPlaced();
  const { placing, failure, place } = usePlaceOrder(value, onPlaced);
  const ship = useAddress(value);

  const content = contentOf({ items: value.draft.lines, shipTo: toAddress(ship.fields) });
  const current = failure?.attempt.content === content ? failure : null;
  const basket = useBasket(value, list, current ? refusalsIn(current) : NONE);

  const complain = (text: string) => setComplaint({ about: content, text });
  async function explain({ error }: Failure) {
    if (!(error instanceof ApiError)) return;
    basket.tell(stockTold(error.problem));
    ship.showErrors(error);
    if (error.code === "price-changed") await basket.refetch();
  }
  async function submit() {
    const text = complaintAbout(basket.lines);
    if (text) return complain(text);
    if (!ship.check()) return complain(strings.checkFields);
    setComplaint(undefined);
    const failed = await place(toRequest(basket.lines, ship.fields));
    if (failed) await explain(failed);
  }
  return {
    basket,
    ship,
    placing,
    content,
    error: current?.error,
    complaint: complaint?.about === content ? complaint.text : undefined,
    submit: () => void submit(),
  };
}

function refusalsIn({ error, attempt }: Failure) {
  return error instanceof ApiError ? lineErrors(error.problem, attempt.body.items) : NONE;
}

/** Shows the order that was placed, unless one has gone elsewhere meanwhile. */
function useOnPlaced() {
  const [, navigate] = useLocation();
  const { mutate } = useSWRConfig();
  const toast = useToast();
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  return (order: Order) => {
    void mutate(`/orders/${order.id}`, order, { revalidate: false });
    toast({ text: strings.placed });
    if (here.current) navigate(`/orders/${order.id}`);
  };
}
