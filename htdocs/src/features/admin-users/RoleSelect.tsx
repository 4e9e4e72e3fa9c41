import { useId } from "react";
import type { Role, User } from "../../shared/api/types";
import { strings } from "../../strings/adminUsers";

const ROLES: readonly Role[] = ["customer", "admin"];

/** Shows the role there is until another one is confirmed. */
export function RoleSelect({ user, own, onChoose }: { user: User; own: boolean; onChoose: (role: Role) => void }) {
  const id = useId();
  return (
    <>
      <select
        aria-label={strings.roleOf(user.name)}
        aria-describedby={own ? id : undefined}
        disabled={own}
        value={user.role}
        onChange={(event) => {
          const chosen = ROLES.find((each) => each === event.target.value);
          if (chosen) onChoose(chosen);
        }}
      >
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {strings.roles[role]}
          </option>
        ))}
      </select>
      {own && (
        <p id={id} className="hint users-own">
          {strings.ownRole}
        </p>
      )}
    </>
  );
}
