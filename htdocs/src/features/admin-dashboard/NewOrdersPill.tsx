import { strings } from "../../strings/adminDashboard";

/** Floats over the list: when it comes, nothing moves. */
export function NewOrdersPill({ count, onShow }: { count: number; onShow: () => void }) {
  return (
    <div className="dash-pill" role="status">
      {count > 0 && (
        <button type="button" className="primary" onClick={onShow}>
          {strings.newOrders(count)}
        </button>
      )}
    </div>
  );
}
