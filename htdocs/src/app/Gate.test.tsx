import { render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import type { Role } from "../shared/api/types";
import type { OutReason, SessionState } from "../shared/session/SessionContext";
import { strings } from "../strings/app";
import { Gate } from "./Gate";

let session: SessionState;
const refresh = vi.fn(async () => {});
vi.mock("../shared/session/SessionContext", () => ({ useSession: () => ({ session, refresh }) }));

const as = (role: Role): SessionState => ({
  state: "in",
  user: { id: "u1", name: "", email: "", role, createdAt: "" },
});
const out = (reason: OutReason): SessionState => ({ state: "out", reason });

function open(path: string, who: Role, now: SessionState) {
  session = now;
  const { hook, searchHook, history } = memoryLocation({ path, record: true });
  render(
    <Router hook={hook} searchHook={searchHook}>
      <Gate who={who}>
        <h1>The page</h1>
      </Gate>
    </Router>,
  );
  return history;
}

it("opens for its role", () => {
  open("/admin", "admin", as("admin"));
  expect(screen.getByRole("heading")).toHaveTextContent("The page");
});

it.each<[Role, Role, string, string]>([
  ["customer", "admin", strings.adminsOnly, "/"],
  ["admin", "customer", strings.customersOnly, "/admin"],
])("tells a %s plainly that a page is for the role %s, and links home", (role, who, title, home) => {
  open("/somewhere", who, as(role));
  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(title);
  expect(document.title).toContain(title);
  expect(screen.getByRole("link", { name: strings.home })).toHaveAttribute("href", home);
});

it("takes an admin from the shop's address to the admin's page", () => {
  expect(open("/", "customer", as("admin"))).toEqual(["/admin"]);
});

it("remembers where somebody was whose session ended, and not where somebody signed out", () => {
  expect(open("/admin/users", "admin", out("ended"))).toEqual(["/login?next=%2Fadmin%2Fusers"]);
  expect(open("/admin/users", "admin", out("signed-out"))).toEqual(["/login"]);
});

it("shows nothing of the page before it is known who asks, and a way on where the shop can't be reached", () => {
  open("/admin", "admin", { state: "loading" });
  expect(screen.queryByRole("heading")).toBeNull();
  open("/admin", "admin", { state: "unreachable" });
  screen.getByRole("alert").querySelector("button")?.click();
  expect(refresh).toHaveBeenCalledOnce();
});
