import { useEffect, useRef, useState } from "react";
import type { Order } from "../../shared/api/types";
import { formatDateTime } from "../../shared/format/format";
import { useFlashOnChange } from "../../shared/ui/useFlashOnChange";
import { strings } from "../../strings/adminOrder";
import { describeEntry, describeSince } from "./describeChanges";

/** Who changed the order last. A change that others make while it is shown is also announced. */
export function LastChange({ order, myId, quiet }: { order: Order; myId: string; quiet: boolean }) {
  const flash = useFlashOnChange(order.version);
  const news = useNews(order, myId);
  const last = order.history.at(-1);
  if (!last) return null;
  return (
    <div className={`admin-order-last ${flash.className ?? ""}`} onAnimationEnd={flash.onAnimationEnd}>
      <p className="muted">
        {strings.lastChange}: {describeEntry(last, myId)}, <time dateTime={last.at}>{formatDateTime(last.at)}</time>
      </p>
      <p role="status" className="visually-hidden">
        {quiet ? "" : news}
      </p>
    </div>
  );
}

/** What others did since the page was opened, the latest of it. */
function useNews(order: Order, myId: string): string {
  const [news, setNews] = useState("");
  const before = useRef(order.version);
  useEffect(() => {
    const since = before.current;
    before.current = order.version;
    const byOthers = order.history.some((entry) => entry.version > since && entry.actor.id !== myId);
    if (byOthers) setNews(describeSince(order, since, myId) ?? "");
  }, [order, myId]);
  return news;
}
