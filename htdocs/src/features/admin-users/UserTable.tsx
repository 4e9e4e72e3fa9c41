import { useState } from "react";
import { http, toMessage } from "../../shared/api/http";
import type { Role, User } from "../../shared/api/types";
import { formatDate } from "../../shared/format/format";
import { useUser } from "../../shared/session/SessionContext";
import { TableFrame } from "../../shared/ui/TableFrame";
import { useToast } from "../../shared/ui/ToastContext";
import { strings } from "../../strings/adminUsers";
import { ConfirmRole } from "./ConfirmRole";
import { RoleSelect } from "./RoleSelect";

interface UserTableProps {
  users: User[];
  /** They are about to be replaced. */
  busy: boolean;
  onChange: (user: User) => void;
  onFailure: (reason: string | undefined) => void;
}

export function UserTable({ users, busy, onChange, onFailure }: UserTableProps) {
  const self = useUser();
  const toast = useToast();
  const [asked, setAsked] = useState<{ user: User; role: Role }>();

  const change = async (user: User, role: Role) => {
    setAsked(undefined);
    onFailure(undefined);
    onChange({ ...user, role });
    try {
      onChange((await http.patch<User>(`/users/${user.id}`, { role })).data);
      toast({ text: strings.changed });
    } catch (error) {
      onChange(user);
      onFailure(strings.failed(user.name, toMessage(error)));
    }
  };

  return (
    <TableFrame label={strings.users}>
      <table className="users" aria-busy={busy}>
        <thead>
          <tr>
            <th scope="col">{strings.name}</th>
            <th scope="col">{strings.email}</th>
            <th scope="col">{strings.role}</th>
            <th scope="col">{strings.since}</th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id}>
              <th scope="row">{user.name}</th>
              <td className="users-email">{user.email}</td>
              <td className="users-role">
                <RoleSelect user={user} own={user.id === self.id} onChoose={(role) => setAsked({ user, role })} />
              </td>
              <td className="users-since">
                <time dateTime={user.createdAt}>{formatDate(user.createdAt)}</time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asked && (
        <ConfirmRole
          {...asked}
          onConfirm={() => void change(asked.user, asked.role)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </TableFrame>
  );
}
