import { useRef } from "react";
import type { HistoryEntry, Order } from "../../shared/api/types";
import { formatDateTime } from "../../shared/format/format";
import { strings } from "../../strings/adminOrder";
import { describeEntry } from "./describeChanges";

/** All that ever happened to the order, the latest first. */
export function Timeline({ order, myId }: { order: Order; myId: string }) {
  const opened = useRef(order.version);
  return (
    <section className="stack admin-order-part" aria-labelledby="timeline">
      <h2 id="timeline">{strings.timeline}</h2>
      <ol className="card admin-order-timeline" reversed>
        {order.history.toReversed().map((entry) => (
          // What came after the page was opened flashes as it appears.
          <li key={entry.version} className={entry.version > opened.current ? "flash" : undefined}>
            <Entry entry={entry} myId={myId} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Entry({ entry, myId }: { entry: HistoryEntry; myId: string }) {
  return (
    <>
      <p>{describeEntry(entry, myId)}</p>
      <time className="muted" dateTime={entry.at}>
        {formatDateTime(entry.at)}
      </time>
      {entry.reason && (
        <p className="admin-order-said">
          <span className="muted">{strings.reason}:</span> {entry.reason}
        </p>
      )}
      {entry.note && (
        <p className="admin-order-said">
          <span className="muted">{strings.note}:</span> {entry.note}
        </p>
      )}
    </>
  );
}
