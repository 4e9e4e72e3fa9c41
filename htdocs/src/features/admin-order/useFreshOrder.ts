import { useEffect, useState } from "react";
import useSWR from "swr";
import type { ApiError } from "../../shared/api/http";
import type { Order } from "../../shared/api/types";
import { useLiveListener } from "../../shared/live/LiveContext";

/** The order with its history. Events bring no history: one of a newer version has it fetched again. */
export function useFreshOrder(id: string) {
  const { data: order, error, mutate } = useSWR<Order, ApiError>(`/orders/${id}`);
  const [newest, setNewest] = useState(0);
  useLiveListener({
    onEvent: (event) => {
      if (event.id === id) setNewest((known) => Math.max(known, event.version, event.data.version));
    },
    onRefetch: () => void mutate(),
  });
  const shown = order?.version;
  // Looks again whenever either moves: an event that comes while a change is under way is older or newer than its answer.
  useEffect(() => {
    if (shown !== undefined && newest > shown) void mutate();
  }, [shown, newest, mutate]);
  return { order, error, mutate };
}
