import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { SWRConfig } from "swr";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { fetcher } from "../../shared/api/http";
import type { User } from "../../shared/api/types";
import { ShortcutProvider } from "../../shared/keyboard/ShortcutContext";
import { ToastProvider } from "../../shared/ui/ToastContext";
import AdminUsers from "./AdminUsers";

const ada: User = { id: "a", name: "Ada", email: "ada@example.com", role: "admin", createdAt: "2026-01-05T08:00:00Z" };
const dan: User = {
  id: "d",
  name: "Dan",
  email: "dan@example.com",
  role: "customer",
  createdAt: "2026-02-05T08:00:00Z",
};
vi.mock("../../shared/session/SessionContext", () => ({ useUser: () => ada }));

let sent: unknown[];
let refusal: string | undefined;
const server = setupServer(
  http.get("*/api/users", ({ request }) => {
    const q = new URL(request.url).searchParams.get("q") ?? "";
    return HttpResponse.json({ data: [ada, dan].filter((user) => user.email.startsWith(q)), next: null });
  }),
  http.patch("*/api/users/d", async ({ request }) => {
    const change = (await request.json()) as Partial<User>;
    sent.push(change);
    return refusal
      ? HttpResponse.json({ title: "Busy", status: 503, code: "busy", detail: refusal }, { status: 503 })
      : HttpResponse.json({ ...dan, ...change });
  }),
);
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterAll(() => server.close());
beforeEach(() => {
  sent = [];
  refusal = undefined;
  history.replaceState(null, "", "/admin/users");
  HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
    this.open = false;
  };
});

const show = () =>
  render(
    <SWRConfig value={{ provider: () => new Map(), fetcher }}>
      <ToastProvider>
        <ShortcutProvider>
          <AdminUsers />
        </ShortcutProvider>
      </ToastProvider>
    </SWRConfig>,
  );
const roleOf = (name: string) => screen.findByRole("combobox", { name: `Role of ${name}` });

test("a role is changed when its effect was confirmed, not before", async () => {
  show();
  const role = await roleOf("Dan");
  await userEvent.selectOptions(role, "admin");
  const dialog = screen.getByRole("dialog", { name: "Make Dan an admin?" });
  expect(dialog).toHaveTextContent("Dan will see and change all orders");
  expect(dialog).toHaveTextContent("Wherever Dan is signed in, that ends");
  await userEvent.click(within(dialog).getByRole("button", { name: "Cancel" }));
  expect(role).toHaveValue("customer");
  expect(sent).toEqual([]);
  await userEvent.selectOptions(role, "admin");
  await userEvent.click(screen.getByRole("button", { name: "Make admin" }));
  expect(role).toHaveValue("admin");
  await screen.findByText("Role changed");
  expect(sent).toEqual([{ role: "admin" }]);
});

test("a change that failed is taken back and says why", async () => {
  refusal = "The shop is busy.";
  show();
  const role = await roleOf("Dan");
  await userEvent.selectOptions(role, "admin");
  await userEvent.click(screen.getByRole("button", { name: "Make admin" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The role of Dan was not changed: The shop is busy.");
  expect(role).toHaveValue("customer");
});

test("one's own role can't be changed, and the reason is told", async () => {
  show();
  const own = await roleOf("Ada");
  expect(own).toBeDisabled();
  expect(own).toHaveAccessibleDescription(/another admin can change it/);
});

test("the search term is in the address, both ways", async () => {
  history.replaceState(null, "", "/admin/users?q=ada");
  show();
  const search = screen.getByRole("searchbox", { name: "Search users" });
  expect(search).toHaveValue("ada");
  await roleOf("Ada");
  expect(screen.queryByText("dan@example.com")).toBeNull();
  await userEvent.clear(search);
  await userEvent.type(search, "dan@");
  await roleOf("Dan");
  expect(location.search).toBe("?q=dan%40");
  await userEvent.type(search, "nowhere");
  expect(await screen.findByText("No users found")).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByText("dan@example.com")).toBeNull());
});
