import { EmptyState } from "../../shared/ui/EmptyState";
import { strings } from "../../strings/adminProducts";

export function NoProducts({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (!filtered)
    return (
      <EmptyState title={strings.none}>
        <p>{strings.noneHint}</p>
      </EmptyState>
    );
  return (
    <EmptyState title={strings.noneFound}>
      <p>{strings.noneFoundHint}</p>
      <button type="button" onClick={onClear}>
        {strings.clear}
      </button>
    </EmptyState>
  );
}
