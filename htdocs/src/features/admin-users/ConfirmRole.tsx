import type { Role, User } from "../../shared/api/types";
import { Dialog } from "../../shared/ui/Dialog";
import { strings } from "../../strings/adminUsers";
import { strings as common } from "../../strings/common";

interface ConfirmRoleProps {
  user: User;
  role: Role;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before somebody gets another role, and says what that does. */
export function ConfirmRole({ user: { name, email }, role, onConfirm, onClose }: ConfirmRoleProps) {
  return (
    <Dialog title={strings.confirmTitle(name, role)} onClose={onClose}>
      <p className="muted">{email}</p>
      <p>{strings.effect[role](name)}</p>
      <p>{strings.sessionsEnd(name)}</p>
      <div className="actions">
        <button type="button" className={role === "admin" ? "danger" : "primary"} onClick={onConfirm}>
          {strings.confirm[role]}
        </button>
        <button type="button" data-autofocus={role === "admin" || undefined} onClick={onClose}>
          {common.cancel}
        </button>
      </div>
    </Dialog>
  );
}
