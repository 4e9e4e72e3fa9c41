// Each task by the keyboard alone: nothing here clicks.
import { expectAccessible } from "./harness/axe.js";
import { expectConnection, expectPath, expectStep, heading } from "./harness/parts.js";
import { expect, test } from "./harness/test.js";

const focused = (page) => page.locator(":focus");

/** Tab until an element of this role and name has the focus. */
async function tabTo(page, role, name) {
  const wanted = page.getByRole(role, { name, exact: typeof name === "string" });
  await wanted.first().waitFor();
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press("Tab");
    if (await focused(page).and(wanted).count()) return;
  }
  throw new Error(`Tab doesn't come to the ${role} "${name}"`);
}

test("sign in, order, sign out", async ({ open, shop }) => {
  const customer = await shop.customer();
  const product = await shop.product();
  const page = await open("/login");
  await tabTo(page, "textbox", "Email");
  await page.keyboard.type(customer.email);
  await tabTo(page, "textbox", "Password");
  await page.keyboard.type(customer.password);
  await page.keyboard.press("Enter");
  await heading(page, "Your orders").waitFor();
  await expectConnection(page, "Live");

  await page.keyboard.press("g");
  await page.keyboard.press("n");
  await heading(page, "New order").waitFor();
  await page.keyboard.press("/");
  await expect.poll(() => focused(page).getAttribute("type")).toBe("search");
  await page.keyboard.type(product.name);
  await page.getByRole("spinbutton", { name: `Quantity of ${product.name}` }).waitFor();
  await expect.poll(() => page.getByRole("spinbutton").count()).toBe(1);
  await tabTo(page, "spinbutton", `Quantity of ${product.name}`);
  await page.keyboard.type("2");
  await tabTo(page, "button", "Place order");
  await page.keyboard.press("Enter");
  await expectStep(page, "Pending");
  const { data } = await customer.api.get("/orders");
  expect(data).toMatchObject([{ items: [{ quantity: 2 }] }]);

  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await heading(page, "Your orders").waitFor();
  await tabTo(page, "button", "Sign out");
  await page.keyboard.press("Enter");
  await heading(page, "Sign in").waitFor();
});

test("an admin goes through the orders with j, k, x and Enter, and moves one", async ({ open, shop }) => {
  const customer = await shop.customer();
  const product = await shop.product();
  const orders = [];
  for (let n = 0; n < 3; n++) orders.unshift(await shop.order(customer, [product]));
  const page = await open("/admin", { as: await shop.admin() });
  await heading(page, "Orders").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(customer.email);
  await expect.poll(() => page.getByRole("table", { name: "Orders" }).getByRole("row").count()).toBe(4);
  await tabTo(page, "checkbox", "Select all shown");
  const expectCurrent = async ({ number }) => expect.poll(() => focused(page).textContent()).toBe(number);
  await page.keyboard.press("j");
  await expectCurrent(orders[0]);
  await page.keyboard.press("j");
  await expectCurrent(orders[1]);
  await page.keyboard.press("k");
  await expectCurrent(orders[0]);
  await page.keyboard.press("x");
  await expect.poll(() => page.getByRole("checkbox", { name: `Select ${orders[0].number}` }).isChecked()).toBe(true);
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await heading(page, orders[1].number).waitFor();
  await tabTo(page, "button", "Start processing");
  await page.keyboard.press("Enter");
  await expectStep(page, "Processing");
  await expect.poll(async () => (await customer.api.get(`/orders/${orders[1].id}`)).status).toBe("processing");

  await tabTo(page, "button", "Cancel order");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await focused(page).textContent(), "the focus is back where it was").toBe("Cancel order");
});

test("the palette finds pages and orders", async ({ open, shop }) => {
  const customer = await shop.customer();
  const order = await shop.order(customer, [await shop.product()]);
  const page = await open("/admin/products", { as: await shop.admin() });
  await heading(page, "Products").waitFor();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search and commands" });
  await palette.waitFor();
  await expectAccessible(page, "palette");
  await page.keyboard.type("users");
  await palette.getByRole("option", { name: "Users", selected: true }).waitFor();
  await page.keyboard.press("Enter");
  await expectPath(page, "/admin/users");
  await page.keyboard.press("Control+k");
  await page.keyboard.type(order.number);
  await palette.getByRole("option", { name: new RegExp(order.number), selected: true }).waitFor();
  await expectAccessible(page, "palette with a result");
  await page.keyboard.press("Enter");
  await heading(page, order.number).waitFor();
});

test("the help lists the keys, and its switch turns single keys off", async ({ open, shop }) => {
  const page = await open("/admin/users", { as: await shop.admin() });
  await heading(page, "Users").waitFor();
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await help.waitFor();
  await expectAccessible(page, "keyboard help");
  await tabTo(page, "switch", "Single-key shortcuts");
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await page.keyboard.press("?");
  // With Ctrl they go on working; and that one key comes through shows that those before it did nothing.
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Search and commands" }).waitFor();
  await expectPath(page, "/admin/users");
  await page.reload();
  await heading(page, "Users").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Search and commands" }).waitFor();
  await expectPath(page, "/admin/users");
});

test("the first Tab offers to skip to the content", async ({ open, shop }) => {
  const page = await open("/", { as: await shop.customer() });
  await heading(page, "Your orders").waitFor();
  await page.keyboard.press("Tab");
  expect(await focused(page).textContent()).toBe("Skip to content");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.activeElement.id)).toBe("content");
});
