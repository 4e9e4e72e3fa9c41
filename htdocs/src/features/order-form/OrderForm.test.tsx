import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http as mock } from "msw";
import { setupServer } from "msw/node";
import { SWRConfig } from "swr";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { fetcher } from "../../shared/api/http";
import type { LiveEvent, OrderRequest, Product } from "../../shared/api/types";
import { ShortcutProvider } from "../../shared/keyboard/ShortcutContext";
import type { LiveListener } from "../../shared/live/LiveContext";
import { ToastProvider } from "../../shared/ui/ToastContext";
import OrderForm from "./OrderForm";

const live = vi.hoisted(() => ({ listener: undefined as LiveListener | undefined }));
vi.mock("../../shared/live/LiveContext", () => ({
  useLiveListener: (listener: LiveListener) => {
    live.listener = listener;
  },
}));
vi.mock("../../shared/session/SessionContext", () => ({ useUser: () => ({ id: "ada", name: "Ada" }) }));

const product = (id: string, name: string, price: number, stock: number): Product => ({
  ...{ id, name, price, stock, active: true, version: 1, currency: "USD" },
  createdAt: "2026-01-05T09:30:00Z",
  updatedAt: "2026-01-05T09:30:00Z",
});
const address = { name: "Ada", lines: ["1 Road"], city: "London", country: "UK" };

let shop: Product[];
let sent: { key: string | null; body: OrderRequest }[];
/** What the next orders are answered; when all is used up: placed. */
let answers: (() => Response | Promise<Response>)[];
const problem = (status: number, code: string, more = {}, headers = {}) =>
  HttpResponse.json({ title: code, status, code, ...more }, { status, headers });
const placed = () => HttpResponse.json({ id: "f".repeat(24), number: "A-000001" }, { status: 201 });

const server = setupServer(
  mock.get("/api/products", ({ request }) => {
    const q = new URL(request.url).searchParams.get("q") ?? "";
    return HttpResponse.json({ data: shop.filter(({ name }) => name.toLowerCase().includes(q)), next: null });
  }),
  mock.get("/api/products/:id", ({ params }) => {
    const found = shop.find(({ id }) => id === params.id);
    return found ? HttpResponse.json(found) : problem(404, "not-found");
  }),
  mock.get("/api/orders", () => HttpResponse.json({ data: [], next: null })),
  mock.post("/api/orders", async ({ request }) => {
    sent.push({ key: request.headers.get("Idempotency-Key"), body: (await request.json()) as OrderRequest });
    return (answers.shift() ?? placed)();
  }),
);
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => {
  shop = [product("mug", "Mug", 14.5, 20), product("lamp", "Lamp", 119, 3)];
  sent = [];
  answers = [];
});
afterEach(() => {
  server.resetHandlers();
  sessionStorage.clear();
});
afterAll(() => server.close());

async function open(path = "/orders/new") {
  const place = memoryLocation({ path, record: true });
  const view = render(
    <SWRConfig value={{ fetcher, provider: () => new Map(), shouldRetryOnError: false }}>
      <Router hook={place.hook} searchHook={place.searchHook}>
        <ToastProvider>
          <ShortcutProvider>
            <OrderForm />
          </ShortcutProvider>
        </ToastProvider>
      </Router>
    </SWRConfig>,
  );
  await screen.findByRole("spinbutton", { name: "Quantity of Mug" });
  return { ...view, where: () => place.history.at(-1) };
}
const basket = () => within(screen.getByRole("region", { name: "Basket" }));
const button = (name: string | RegExp) => screen.getByRole("button", { name });
const press = (name: string | RegExp) => userEvent.click(button(name));
async function choose(name: string, quantity: number) {
  const field = screen.getByRole("spinbutton", { name: `Quantity of ${name}` });
  await userEvent.clear(field);
  await userEvent.type(field, String(quantity));
}
const total = () => basket().getByText(/^\$/, { selector: "output" }).textContent;
const tell = (data: Product) =>
  live.listener?.onEvent?.({ type: "product:stock", id: data.id, version: data.version, at: "", data } as LiveEvent);

test("an order is chosen, added up, placed and shown; nothing of it is kept", async () => {
  const { where } = await open();
  await choose("Mug", 3);
  await press("One more of Lamp");
  expect(total()).toBe("$162.50");
  await press("Place order");
  await waitFor(() => expect(where()).toBe(`/orders/${"f".repeat(24)}`));
  expect(screen.getByText("Order placed")).toBeInTheDocument();
  expect(sent[0]?.body).toEqual({
    items: [
      { productId: "mug", quantity: 3 },
      { productId: "lamp", quantity: 1 },
    ],
    expectedTotal: 162.5,
  });
  expect(sessionStorage).toHaveLength(0);
});

test("pressing twice sends once", async () => {
  let answer = () => {};
  answers = [() => new Promise<Response>((resolve) => (answer = () => resolve(placed())))];
  const { where } = await open();
  await choose("Mug", 1);
  await userEvent.dblClick(button("Place order"));
  await press("Place order");
  answer();
  await waitFor(() => expect(where()).toMatch(/^\/orders\/f/));
  expect(sent).toHaveLength(1);
});

test("without an answer: it is safe to try again, with the same key and body, also after a reload", async () => {
  answers = [() => HttpResponse.error(), () => HttpResponse.error()];
  const { unmount } = await open();
  await choose("Mug", 2);
  await press("Place order");
  expect(await screen.findByText(/It is safe to try again/)).toBeInTheDocument();
  await press("Try again");
  await waitFor(() => expect(sent).toHaveLength(2));
  await screen.findByText(/It is safe to try again/);
  unmount();
  shop[0] = { ...product("mug", "Mug", 16, 20), version: 2 };
  const { where } = await open();
  expect(screen.getByText(/It is safe to try again/)).toBeInTheDocument();
  await waitFor(() => expect(total()).toBe("$32.00"));
  await press("Place order");
  await waitFor(() => expect(where()).toMatch(/^\/orders\/f/));
  expect(sent[1]).toEqual(sent[0]);
  expect(sent[2]).toEqual(sent[0]);
});

test("a change after a lost answer makes another order, and that is told", async () => {
  answers = [() => HttpResponse.error()];
  await open();
  await choose("Mug", 2);
  await press("Place order");
  await screen.findByText(/It is safe to try again/);
  await press("One more of Mug");
  expect(screen.getByText(/may have been placed/)).toBeInTheDocument();
  await press("Place order");
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]?.key).not.toBe(sent[0]?.key);
});

test("a shortage becomes what is left, and a button for it", async () => {
  answers = [() => problem(409, "insufficient-stock", { lines: [{ productId: "mug", requested: 5, available: 2 }] })];
  const { where } = await open();
  await choose("Mug", 5);
  await press("Place order");
  expect(await screen.findByText(/less in stock/)).toBeInTheDocument();
  expect(basket().getByText("Only 2 left")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Adjust all" })).toBeNull();
  await press("Adjust to 2: Mug");
  expect(button("Place order")).toHaveFocus();
  expect(screen.queryByText(/less in stock/)).toBeNull();
  await press("Place order");
  await waitFor(() => expect(where()).toMatch(/^\/orders\/f/));
  expect(sent[1]?.body.items).toEqual([{ productId: "mug", quantity: 2 }]);
});

test("several lines are adjusted with one button, what is gone is taken out", async () => {
  answers = [
    () => problem(409, "product-unavailable", { lines: [{ productId: "lamp" }] }),
    () => problem(409, "insufficient-stock", { lines: [{ productId: "mug", requested: 5, available: 2 }] }),
  ];
  await open();
  await choose("Mug", 5);
  await choose("Lamp", 1);
  await press("Place order");
  expect(await basket().findByText("No longer available")).toBeInTheDocument();
  await press("Place order");
  await basket().findByText("Only 2 left");
  await press("Adjust all");
  expect(basket().queryByText("Lamp")).toBeNull();
  expect(total()).toBe("$29.00");
});

test("changed prices: the old and the new total, and placing again takes the new one", async () => {
  answers = [
    () => {
      shop[0] = { ...product("mug", "Mug", 16, 20), version: 2 };
      return problem(409, "price-changed", { expectedTotal: 29, total: 32 });
    },
  ];
  const { where } = await open();
  await choose("Mug", 2);
  await press("Place order");
  expect(await screen.findByText(/\$32\.00 now, not \$29\.00/)).toBeInTheDocument();
  await waitFor(() => expect(total()).toBe("$32.00"));
  expect(basket().getByText("Price changed, was $14.50")).toBeInTheDocument();
  await press("Place order");
  await waitFor(() => expect(where()).toMatch(/^\/orders\/f/));
  expect(sent[1]).toEqual({ key: sent[0]?.key, body: { ...sent[0]?.body, expectedTotal: 32 } });
});

test.each([
  [503, "busy", {}, { "Retry-After": "7" }, /Nothing was ordered.*Try again in 7 seconds/],
  [429, "too-many-requests", {}, { "Retry-After": "30" }, /Too many requests.*in 30 seconds/],
  [503, "outcome-unknown", { orderId: "e".repeat(24) }, {}, /can't tell yet/],
  [422, "total-too-large", { detail: "The total is larger than can be kept." }, {}, /larger than can be kept/],
] as const)("%i %s is told, and all is kept", async (status, code, more, headers, message) => {
  answers = [() => problem(status, code, more, headers)];
  await open();
  await choose("Mug", 2);
  await press("Place order");
  expect(await screen.findByText(message)).toBeInTheDocument();
  expect(total()).toBe("$29.00");
  const link = screen.queryByRole("link", { name: "Look at the order" });
  expect(link?.getAttribute("href")).toBe(code === "outcome-unknown" ? `/orders/${"e".repeat(24)}` : undefined);
});

test("what the server says of fields stands beside them", async () => {
  const errors = [
    { pointer: "/shipTo/country", code: "too-long", detail: "Too long a country." },
    { pointer: "/items/0/quantity", code: "out-of-range", detail: "Too many mugs." },
  ];
  answers = [() => problem(422, "validation-failed", { errors })];
  server.use(
    mock.get("/api/orders", () => HttpResponse.json({ data: [{ id: "1" }, { id: "2", shipTo: address }], next: null })),
  );
  await open();
  await screen.findByText(/1 Road/);
  await choose("Mug", 2);
  await press("Place order");
  await waitFor(() => expect(screen.getByLabelText("Country")).toHaveAccessibleDescription("Too long a country."));
  expect(screen.getByLabelText("Country")).toHaveFocus();
  expect(basket().getByText("Too many mugs.")).toBeInTheDocument();
  expect(sent[0]?.body.shipTo).toEqual(address);
});

test("the last address is offered and can be left out", async () => {
  server.use(mock.get("/api/orders", () => HttpResponse.json({ data: [{ id: "2", shipTo: address }], next: null })));
  await open();
  await screen.findByText(/1 Road/);
  await userEvent.click(screen.getByLabelText("Deliver to an address"));
  await choose("Mug", 2);
  await press("Place order");
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.body.shipTo).toBeUndefined();
});

test("an address that lacks something isn't sent: the first field that does has the focus", async () => {
  await open();
  await choose("Mug", 1);
  await userEvent.click(screen.getByLabelText("Deliver to an address"));
  expect(screen.getByLabelText("Name")).toHaveValue("Ada");
  await press("Place order");
  expect(screen.getByLabelText(/^Street/)).toHaveFocus();
  expect(screen.getByLabelText("City")).toHaveAccessibleDescription("Enter the city.");
  expect(sent).toHaveLength(0);
});

test("stock and prices are live, in the list and in the basket", async () => {
  await open();
  await choose("Lamp", 3);
  await userEvent.type(screen.getByRole("searchbox", { name: "Search products" }), "mug");
  await waitFor(() => expect(screen.queryByRole("spinbutton", { name: "Quantity of Lamp" })).toBeNull());
  tell({ ...product("lamp", "Lamp", 100, 1), version: 2 });
  tell({ ...product("mug", "Mug", 14.5, 0), version: 2 });
  expect(await basket().findByText("Only 1 left")).toBeInTheDocument();
  expect(total()).toBe("$300.00");
  expect(screen.getByText("Out of stock")).toBeInTheDocument();
  expect(screen.getByRole("spinbutton", { name: "Quantity of Mug" })).toBeDisabled();
});

test("a product that is taken off sale is marked, in the list and in the basket, until it is back", async () => {
  await open();
  await choose("Mug", 2);
  const withdraw = (id: string) =>
    live.listener?.onEvent?.({
      type: "product:stock",
      id,
      version: 2,
      at: "",
      data: { id, version: 2, active: false },
    });
  await act(() => {
    withdraw("mug");
    withdraw("lamp");
  });
  expect(await screen.findAllByText(/No longer available/)).toHaveLength(3);
  await act(() => tell({ ...product("lamp", "Lamp", 119, 4), version: 3 }));
  expect(screen.getByText(/Only 4 left/)).toBeInTheDocument();
});

test("an empty basket and impossible quantities aren't sent", async () => {
  await open();
  await press("Place order");
  expect(screen.getByRole("alert")).toHaveTextContent("Choose a product first");
  await choose("Mug", 10_001);
  await press("Place order");
  expect(screen.getByRole("alert")).toHaveTextContent("What to change stands beside them");
  expect(basket().getByText("Order a whole number from 1 to 10,000")).toBeInTheDocument();
  expect(sent).toHaveLength(0);
});

test("an earlier order fills the basket; what can't be had is left out and named", async () => {
  shop[1] = product("lamp", "Lamp", 119, 0);
  const items = [
    { productId: "mug", name: "Mug", quantity: 4 },
    { productId: "lamp", name: "Lamp", quantity: 1 },
    { productId: "old", name: "Old chair", quantity: 1 },
  ];
  server.use(
    mock.get("/api/orders/o1", () => HttpResponse.json({ id: "o1", number: "A-000007", items, shipTo: address })),
  );
  const { where } = await open("/orders/new?reorder=o1");
  expect(await screen.findByText(/what you ordered in A-000007/)).toHaveTextContent(
    "No longer available and left out: Old chair. Out of stock and left out: Lamp.",
  );
  expect(total()).toBe("$58.00");
  expect(screen.getByText(/1 Road/)).toBeInTheDocument();
  expect(where()).toBe("/orders/new");
});

test("a search without a match says what to do", async () => {
  await open();
  const search = screen.getByRole("searchbox", { name: "Search products" });
  await userEvent.type(search, "zzz");
  expect(await screen.findByText("No product matches “zzz”")).toBeInTheDocument();
  await press("Show all products");
  await screen.findByRole("spinbutton", { name: "Quantity of Lamp" });
  expect(search).toHaveValue("");
  expect(search).toHaveFocus();
});
