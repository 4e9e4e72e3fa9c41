import type { Role } from "../shared/api/types";

export const strings = {
  users: "Users",
  search: "Search users",
  searchHint: "By the beginning of the e-mail address",
  name: "Name",
  email: "E-mail",
  role: "Role",
  roleOf: (name: string) => `Role of ${name}`,
  since: "Since",
  roles: { customer: "Customer", admin: "Admin" } satisfies Record<Role, string>,
  ownRole: "Your own; another admin can change it.",
  none: "No users found",
  noneHint: (q: string) => `No e-mail address begins with “${q}”.`,
  found: (n: number, more: boolean) => (more ? `${n} users and more` : n === 1 ? "1 user" : `${n} users`),
  confirmTitle: (name: string, role: Role) =>
    role === "admin" ? `Make ${name} an admin?` : `Make ${name} a customer?`,
  effect: {
    admin: (name: string) =>
      `${name} will see and change all orders, products and users, and can't place orders any more.`,
    customer: (name: string) => `${name} will see no orders but their own and loses all admin pages.`,
  } satisfies Record<Role, (name: string) => string>,
  sessionsEnd: (name: string) => `Wherever ${name} is signed in, that ends, and they sign in again.`,
  confirm: { admin: "Make admin", customer: "Make customer" } satisfies Record<Role, string>,
  changed: "Role changed",
  failed: (name: string, reason: string) => `The role of ${name} was not changed: ${reason}`,
} as const;
