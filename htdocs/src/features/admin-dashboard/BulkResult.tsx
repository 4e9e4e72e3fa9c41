import { Link } from "wouter";
import { Dialog } from "../../shared/ui/Dialog";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";
import type { Outcome } from "./moveAll";

/** What came of a move of several orders, where not all went well. */
export function BulkResult({ outcome: { done, failed }, onClose }: { outcome: Outcome; onClose: () => void }) {
  return (
    <Dialog title={strings.result.title(done.length, done.length + failed.length)} onClose={onClose}>
      <p>{strings.result.failed}</p>
      <ul className="dash-failed">
        {failed.map(({ order, reason }) => (
          <li key={order.id}>
            <Link href={`/admin/orders/${order.id}`}>{order.number}</Link> {reason}
          </li>
        ))}
      </ul>
      <div className="actions">
        <button type="button" className="primary" onClick={onClose}>
          {common.close}
        </button>
      </div>
    </Dialog>
  );
}
