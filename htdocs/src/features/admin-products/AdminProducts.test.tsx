import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { SWRConfig } from "swr";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { fetcher } from "../../shared/api/http";
import type { Product } from "../../shared/api/types";
import { ShortcutProvider } from "../../shared/keyboard/ShortcutContext";
import type { LiveListener } from "../../shared/live/LiveContext";
import { ToastProvider } from "../../shared/ui/ToastContext";
import AdminProducts from "./AdminProducts";

const live: { listener?: LiveListener } = {};
vi.mock("../../shared/live/LiveContext", () => ({
  useLiveListener: (listener: LiveListener) => {
    live.listener = listener;
  },
}));

const made = "2026-01-05T09:00:00.000Z";
const mug: Product = {
  id: "65f000000000000000000001",
  name: "Mug",
  sku: "MUG-1",
  price: 14.5,
  stock: 12,
  reserved: 3,
  active: true,
  version: 4,
  createdAt: made,
  updatedAt: made,
  currency: "USD",
};

let stored: Product[];
let answer: () => Promise<Response> | Response;
const asked = vi.fn<(body: unknown) => void>();
const searched = vi.fn<(query: string) => void>();
const server = setupServer(
  http.get("*/api/products", ({ request }) => {
    searched(new URL(request.url).search);
    return HttpResponse.json({ data: stored, next: null });
  }),
  http.get("*/api/products/:id", ({ params }) => {
    searched(String(params.id));
    return HttpResponse.json(stored.find((each) => each.id === params.id));
  }),
  http.all("*/api/products/:id?", async ({ request }) => {
    expect(request.headers.get("If-Match")).toBeNull();
    asked(await request.json());
    return answer();
  }),
);
const problem = (status: number, code: string, more = {}) =>
  HttpResponse.json({ title: code, detail: `It is ${code}.`, status, code, ...more }, { status });

beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
});
beforeEach(() => {
  stored = [mug];
});
afterEach(() => {
  server.resetHandlers();
  asked.mockReset();
  searched.mockReset();
});
afterAll(() => server.close());

async function show(path = "/admin/products") {
  const { hook, searchHook } = memoryLocation({ path });
  render(
    <SWRConfig value={{ fetcher, provider: () => new Map(), shouldRetryOnError: false }}>
      <ToastProvider>
        <ShortcutProvider>
          <Router hook={hook} searchHook={searchHook}>
            <AdminProducts />
          </Router>
        </ShortcutProvider>
      </ToastProvider>
    </SWRConfig>,
  );
  await screen.findByRole("row", { name: /Mug/ });
}
/** An event, as the bridge sends it: without what is reserved. */
const tell = ({ reserved: _, ...data }: Product) =>
  act(() => live.listener?.onEvent?.({ type: "product:stock", id: data.id, version: data.version, at: made, data }));
const cells = () =>
  within(screen.getByRole("row", { name: /Mug/ }))
    .getAllByRole("cell")
    .map((each) => each.textContent);
const dialog = () => within(screen.getByRole("dialog"));
const click = (name: string) => userEvent.click(screen.getByRole("button", { name }));

describe("the table", () => {
  it("shows price, what can be sold, what is reserved and what is on hand", async () => {
    await show();
    expect(cells().slice(0, 5)).toEqual(["MUG-1", "$14.50", " 12", "3", "15"]);
  });

  it("takes its filter from the address", async () => {
    await show("/admin/products?q=mu&active=true");
    expect(searched).toHaveBeenCalledWith("?limit=50&q=mu&active=true");
    expect(screen.getByRole("searchbox", { name: "Search products" })).toHaveValue("mu");
  });

  it("follows what is sold, and says that it is low", async () => {
    await show();
    stored = [{ ...mug, stock: 5, reserved: 10, version: 5 }];
    tell({ ...mug, stock: 5, version: 5 });
    await waitFor(() => expect(cells().slice(2, 5)).toEqual(["Low 5", "10", "15"]));
    expect(screen.getByRole("row", { name: /Mug/ })).toHaveClass("flash");
  });

  it("asks nothing when an event tells what is known already", async () => {
    await show();
    searched.mockReset();
    tell(mug);
    expect(searched).not.toHaveBeenCalled();
  });

  it("fetches the list once when many products change at the same time", async () => {
    stored = [mug, ...["a", "b", "c", "d"].map((id) => ({ ...mug, id, name: id }))];
    await show();
    searched.mockReset();
    stored = stored.map((each) => ({ ...each, stock: 99, version: 5 }));
    for (const each of stored) tell(each);
    await waitFor(() => expect(screen.getAllByText("99")).toHaveLength(5));
    expect(searched.mock.calls.length).toBeLessThan(stored.length);
  });
});

describe("a search", () => {
  it("says how much was found", async () => {
    await show("/admin/products?q=mug");
    expect(screen.getAllByRole("status").map((each) => each.textContent)).toContain("1 product found");
  });
});

describe("the switch", () => {
  it("changes at once and can be undone", async () => {
    await show();
    const active = screen.getByRole("switch", { name: "Mug is active" });
    let release = (_: Response) => {};
    answer = () => new Promise<Response>((resolve) => (release = resolve));
    await userEvent.dblClick(active);
    expect(active).not.toBeChecked();
    await waitFor(() => expect(asked).toHaveBeenCalledWith({ active: false }));
    release(HttpResponse.json({ ...mug, active: false, version: 5 }));
    answer = () => HttpResponse.json({ ...mug, version: 6 });
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(active).toBeChecked());
    expect(asked.mock.calls).toEqual([[{ active: false }], [{ active: true }]]);
  });

  it("goes back when the server refuses, and says why", async () => {
    await show();
    answer = () => problem(503, "busy");
    server.use(http.get("*/api/products/:id", () => problem(503, "busy")));
    await userEvent.click(screen.getByRole("switch", { name: "Mug is active" }));
    expect(await screen.findByText("Mug: It is busy.")).toBeVisible();
    expect(screen.getByRole("switch", { name: "Mug is active" })).toBeChecked();
  });
});

describe("changing the stock", () => {
  it("previews the result, sends the difference once, and can be undone", async () => {
    await show();
    await click("Change stock Mug");
    await userEvent.click(dialog().getByRole("radio", { name: "Units went away" }));
    await userEvent.type(dialog().getByRole("spinbutton", { name: "How many?" }), "5");
    expect(
      dialog()
        .getAllByRole("definition")
        .map((each) => each.textContent),
    ).toEqual(["12", "7"]);
    let release = (_: Response) => {};
    answer = () => new Promise<Response>((resolve) => (release = resolve));
    await userEvent.dblClick(dialog().getByRole("button", { name: "Change stock" }));
    await waitFor(() => expect(asked).toHaveBeenCalled());
    release(HttpResponse.json({ ...mug, stock: 7, version: 5 }));
    answer = () => HttpResponse.json({ ...mug, version: 6 });
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    await screen.findByText("Change undone");
    expect(asked.mock.calls).toEqual([[{ stockDelta: -5 }], [{ stockDelta: 5 }]]);
  });

  it("says what is left when others were faster", async () => {
    await show();
    await click("Change stock Mug");
    await userEvent.click(dialog().getByRole("radio", { name: "Units went away" }));
    await userEvent.type(dialog().getByRole("spinbutton", { name: "How many?" }), "5");
    answer = () => {
      stored = [{ ...mug, stock: 2, version: 5 }];
      return problem(409, "stock-out-of-range", { available: 2 });
    };
    await userEvent.click(dialog().getByRole("button", { name: "Change stock" }));
    expect(await dialog().findByRole("alert")).toHaveTextContent("Only 2 units can be taken away.");
    expect(dialog().getAllByRole("definition")[0]).toHaveTextContent(/^2$/);
  });
});

describe("editing", () => {
  it("sends only what was changed, and offers the old price back", async () => {
    await show();
    await click("Edit Mug");
    const price = dialog().getByLabelText("Price in USD");
    await userEvent.clear(price);
    await userEvent.type(price, "15.25");
    answer = () => HttpResponse.json({ ...mug, price: 15.25, version: 5 });
    await userEvent.click(dialog().getByRole("button", { name: "Save" }));
    await screen.findByText("Price changed");
    expect(cells()).toContain("$15.25");
    answer = () => HttpResponse.json({ ...mug, version: 6 });
    await click("Undo");
    await waitFor(() => expect(cells()).toContain("$14.50"));
    expect(asked.mock.calls).toEqual([[{ price: 15.25 }], [{ price: 14.5 }]]);
  });
});

describe("a new product", () => {
  it("is made once and stands in front", async () => {
    await show();
    await click("New product");
    await userEvent.type(dialog().getByLabelText("Name"), "Pot");
    await userEvent.type(dialog().getByLabelText("Price in USD"), "30");
    let release = (_: Response) => {};
    answer = () => new Promise<Response>((resolve) => (release = resolve));
    await userEvent.dblClick(dialog().getByRole("button", { name: "Create product" }));
    await waitFor(() => expect(asked).toHaveBeenCalledWith({ name: "Pot", price: 30, stock: 0, active: true }));
    release(HttpResponse.json({ ...mug, id: "2", name: "Pot", price: 30, stock: 0, version: 1 }, { status: 201 }));
    await waitFor(() => expect(screen.getAllByRole("row")[1]).toHaveTextContent("Pot"));
    expect(asked).toHaveBeenCalledTimes(1);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("has what is wrong beside the fields, the server's words too", async () => {
    await show();
    await click("New product");
    await userEvent.click(dialog().getByRole("button", { name: "Create product" }));
    expect(await dialog().findByText("Say what it is called.")).toBeVisible();
    expect(dialog().getByLabelText("Price in USD")).toBeInvalid();
    await userEvent.type(dialog().getByLabelText("Name"), "Pot");
    await userEvent.type(dialog().getByLabelText("Price in USD"), "1.999");
    answer = () =>
      problem(422, "validation-failed", { errors: [{ pointer: "/price", code: "x", detail: "At most 2 decimals." }] });
    await userEvent.click(dialog().getByRole("button", { name: "Create product" }));
    expect(await dialog().findByText("At most 2 decimals.")).toBeVisible();
    expect(dialog().getByLabelText("Price in USD")).toHaveFocus();
    expect(dialog().queryByRole("alert")).toBeNull();
  });
});
