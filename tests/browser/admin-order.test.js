import { expectAccessible } from "./harness/axe.js";
import { expectConnection, expectStep, heading, progress, toast } from "./harness/parts.js";
import { expect, test } from "./harness/test.js";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const paymentSwitch = (page) => page.getByRole("switch", { name: "Payment received" });

async function orderOf(shop, { quantity = 2, price = 12.5 } = {}) {
  const customer = await shop.customer();
  const product = await shop.product({ price });
  return { customer, product, order: await shop.order(customer, [product, quantity]) };
}

test("an order from pending to delivered, as the customer sees it live", async ({ open, shop }) => {
  const { customer, order } = await orderOf(shop);
  const admin = await open(`/admin/orders/${order.id}`, { as: await shop.admin() });
  const own = await open(`/orders/${order.id}`, { as: customer });
  await heading(admin, order.number).waitFor();
  await expectConnection(own, "Live");
  await expectStep(own, "Pending");

  await button(admin, "Start processing").click();
  await expectStep(own, "Processing");
  await paymentSwitch(admin).click();
  await toast(admin, "Payment recorded").waitFor();
  await button(admin, "Mark shipped").click();
  await confirmIfAsked(admin, "Mark shipped");
  await expectStep(own, "Shipped");
  await button(admin, "Mark delivered").click();
  await expectStep(own, "Delivered");
  await expectStep(admin, "Delivered");
});

async function confirmIfAsked(page, name) {
  const dialog = page.getByRole("dialog");
  if (await dialog.isVisible()) await button(dialog, name).click();
}

test("only what may be done next is offered", async ({ open, shop }) => {
  const { order } = await orderOf(shop);
  const page = await open(`/admin/orders/${order.id}`, { as: await shop.admin() });
  await button(page, "Start processing").waitFor();
  await button(page, "Cancel order").waitFor();
  for (const name of ["Mark shipped", "Mark delivered", "Mark returned"])
    expect(await button(page, name).count(), name).toBe(0);
});

test("an unpaid order can't be shipped, and the page says what to do first", async ({ open, shop, watch }) => {
  watch.expect(/^409 PATCH \/api\/orders\/\w+\/status/);
  const { order } = await orderOf(shop);
  await shop.setStatus(order, "processing");
  const page = await open(`/admin/orders/${order.id}`, { as: await shop.admin() });
  await button(page, "Mark shipped").click();
  await confirmIfAsked(page, "Mark shipped");
  await page.getByText(/isn't paid yet/).waitFor();
  await expectStep(page, "Processing");
});

test("two admins at one order: the second is told who changed what", async ({ open, shop, watch }) => {
  watch.expect(/^412 PATCH \/api\/orders\/\w+\/status/);
  const { order } = await orderOf(shop);
  const other = await shop.admin("Robin Rival");
  const page = await open(`/admin/orders/${order.id}`, { as: await shop.admin() });
  await button(page, "Start processing").waitFor();
  await expectConnection(page, "Live");

  // The other's change comes between the click and the request: the page can't know of it.
  await page.route(`**/api/orders/${order.id}/status`, async (route) => {
    await other.api.patch(`/orders/${order.id}/status`, { status: "processing" });
    await route.continue();
  });
  await button(page, "Cancel order").click();
  await button(page.getByRole("dialog"), "Cancel order").click();
  await page.getByText(/Robin Rival started processing it .*Your change was not made/).waitFor();
  await expectStep(page, "Processing");
  await expectAccessible(page, "conflict bar");
});

test("what can't be undone is asked for, with its effect in numbers", async ({ open, shop }) => {
  const { order, product } = await orderOf(shop, { quantity: 3, price: 19.99 });
  await shop.setPayment(order);
  const page = await open(`/admin/orders/${order.id}`, { as: await shop.admin() });
  await button(page, "Cancel order").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/returns 3 units/).waitFor();
  expect(await dialog.textContent()).toMatch(/refund due \$59\.97/);
  await expectAccessible(page, "cancel dialog");
  await button(dialog, "Keep order").click();
  await dialog.waitFor({ state: "detached" });
  await expectStep(page, "Pending");

  await button(page, "Cancel order").click();
  await dialog.getByLabel(/Reason/).fill("Out of season");
  await button(dialog, "Cancel order").click();
  await progress(page).getByText("Cancelled", { exact: true }).waitFor();
  await page.getByText("Out of season").first().waitFor();
  await expect.poll(() => shop.stockOf(product)).toBe(50);
});

test("a return says whether the goods can be sold again", async ({ open, shop }) => {
  const { order, product } = await orderOf(shop, { quantity: 2 });
  await shop.setStatus(order, "processing");
  await shop.setPayment(order);
  await shop.setStatus(order, "shipped");
  const page = await open(`/admin/orders/${order.id}`, { as: await shop.admin() });
  await button(page, "Mark returned").click();
  const dialog = page.getByRole("dialog");
  await button(dialog, "Mark returned").click();
  await dialog.getByRole("alert").waitFor();
  await expectAccessible(page, "return dialog");
  await dialog.getByRole("radio", { name: /Yes/ }).check();
  await button(dialog, "Mark returned").click();
  await progress(page).getByText("Returned", { exact: true }).waitFor();
  await expect.poll(() => shop.stockOf(product)).toBe(50);
});

test("a payment is recorded, and taken back with Undo", async ({ open, shop }) => {
  const { order } = await orderOf(shop);
  const admin = await shop.admin();
  const page = await open(`/admin/orders/${order.id}`, { as: admin });
  const paid = async () => (await admin.api.get(`/orders/${order.id}`)).paymentReceived;
  await paymentSwitch(page).click();
  await toast(page, "Payment recorded").waitFor();
  expect(await paid()).toBe(true);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => paymentSwitch(page).isChecked()).toBe(false);
  await expect.poll(paid).toBe(false);
});

test("an order that isn't there is said plainly", async ({ open, shop, watch }) => {
  watch.expect(/^404 GET \/api\/orders\/0{24}/);
  const page = await open(`/admin/orders/${"0".repeat(24)}`, { as: await shop.admin() });
  await page.getByText("Order not found").waitFor();
});
