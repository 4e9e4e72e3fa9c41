import { expectAccessible } from "./harness/axe.js";
import { expectConnection, expectPath, expectStep, heading, progress } from "./harness/parts.js";
import { expect, test } from "./harness/test.js";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const link = (page, order) => page.getByRole("link", { name: order.number, exact: true });

test("an empty dashboard says what to do", async ({ open, shop }) => {
  const page = await open("/", { as: await shop.customer() });
  await page.getByText("No orders yet").waitFor();
  await expectAccessible(page, "no orders yet");
  await page.getByRole("link", { name: "Place your first order" }).click();
  await heading(page, "New order").waitFor();
});

test("orders in progress come first, and move to the history as they end", async ({ open, shop }) => {
  const customer = await shop.customer();
  const product = await shop.product();
  const old = await shop.order(customer, [product]);
  await shop.setStatus(old, "cancelled");
  const order = await shop.order(customer, [product, 2]);
  const page = await open("/", { as: customer });
  await expectConnection(page, "Live");
  const current = page.getByRole("region", { name: "In progress" });
  await link(current, order).waitFor();
  expect(await link(current, old).count()).toBe(0);
  await link(page, old).waitFor();
  await expectStep(current, "Pending");
  await expectAccessible(page, "customer dashboard");

  await shop.setStatus(order, "processing");
  await expectStep(current, "Processing");
});

test("an order placed elsewhere appears by itself", async ({ open, shop }) => {
  const customer = await shop.customer();
  const page = await open("/", { as: customer });
  await expectConnection(page, "Live");
  const order = await shop.order(customer, [await shop.product()]);
  await link(page, order).waitFor();
});

test("the status of an order changes before the customer's eyes, and is said", async ({ open, shop }) => {
  const customer = await shop.customer();
  const order = await shop.order(customer, [await shop.product()]);
  const page = await open(`/orders/${order.id}`, { as: customer });
  await heading(page, order.number).waitFor();
  await expectConnection(page, "Live");
  await expectStep(page, "Pending");
  await expectAccessible(page, "customer order");
  await shop.setStatus(order, "processing");
  await expectStep(page, "Processing");
  await page.getByRole("status").getByText(`${order.number} is now processing`).waitFor();
  expect(await button(page, "Cancel order").count()).toBe(0);
});

test("an order is cancelled while that is allowed", async ({ open, shop }) => {
  const customer = await shop.customer();
  const product = await shop.product({ stock: 9 });
  const order = await shop.order(customer, [product, 4]);
  const page = await open(`/orders/${order.id}`, { as: customer });
  await button(page, "Cancel order").click();
  const dialog = page.getByRole("dialog");
  await button(dialog, "Cancel order").waitFor();
  await expectAccessible(page, "customer cancels");
  await button(dialog, "Cancel order").click();
  await progress(page).getByText("Cancelled", { exact: true }).waitFor();
  await expect.poll(() => shop.stockOf(product)).toBe(9);
  await expect.poll(() => button(page, "Cancel order").count()).toBe(0);
});

test("the history comes page by page", async ({ open, shop }) => {
  const customer = await shop.customer();
  const product = await shop.product({ stock: 500 });
  const orders = [];
  for (let n = 0; n < 103; n++) orders.push(await shop.order(customer, [product]));
  const admin = await shop.firstAdmin();
  for (const some of [orders.slice(0, 100), orders.slice(100)])
    await admin.api.post("/orders/admin/status", { ids: some.map(({ id }) => id), status: "cancelled" });
  const page = await open("/", { as: customer });
  await link(page, orders.at(-1)).waitFor();
  const shown = page.getByRole("region", { name: "Earlier orders" }).getByRole("listitem");
  expect(await shown.count()).toBe(20);
  for (let count = 40; count < orders.length; count += 20) {
    await button(page, "Show more").click();
    await expect.poll(() => shown.count()).toBe(count);
  }
  await button(page, "Show more").click();
  await link(page, orders[0]).waitFor();
  expect(await shown.count()).toBe(orders.length);
});

test("reorder fills a new order with the same items", async ({ open, shop }) => {
  const customer = await shop.customer();
  const product = await shop.product();
  const order = await shop.order(customer, [product, 3]);
  const page = await open(`/orders/${order.id}`, { as: customer });
  await page.getByRole("link", { name: "Reorder" }).click();
  await expectPath(page, "/orders/new");
  // The shop has more products than the list shows at first.
  await page.getByRole("searchbox", { name: "Search products" }).fill(product.name);
  await expect.poll(() => page.getByRole("spinbutton", { name: `Quantity of ${product.name}` }).inputValue()).toBe("3");
});

test("another customer's order is not there", async ({ open, shop, watch }) => {
  watch.expect(/^404 GET \/api\/orders\//);
  const order = await shop.order(await shop.customer(), [await shop.product()]);
  const page = await open(`/orders/${order.id}`, { as: await shop.customer() });
  await page.getByText("No such order").waitFor();
});
