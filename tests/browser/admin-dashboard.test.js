import { readFile } from "node:fs/promises";
import { expectAccessible } from "./harness/axe.js";
import { expectConnection, expectPath, heading } from "./harness/parts.js";
import { expect, test } from "./harness/test.js";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const table = (page) => page.getByRole("table", { name: "Orders", exact: true });
const rowOf = (page, order) =>
  table(page)
    .getByRole("row")
    .filter({ has: page.getByText(order.number, { exact: true }) });
const search = (page) => page.getByRole("searchbox", { name: "Search orders" });
const numbers = (page) => table(page).getByRole("rowheader").allTextContents();

/** Orders of one customer, whose address as the search shows these alone. */
async function ordersOfOne(shop, count, price = 10) {
  const customer = await shop.customer();
  const product = await shop.product({ price, stock: 500 });
  const orders = [];
  for (let n = 1; n <= count; n++) orders.push(await shop.order(customer, [product, n]));
  return { customer, product, orders, path: `/admin?q=${encodeURIComponent(customer.email)}` };
}

test("new orders wait behind a pill, counted by the filter, and no row moves", async ({ open, shop }) => {
  const { customer, product, orders, path } = await ordersOfOne(shop, 2);
  const page = await open(path, { as: await shop.admin() });
  await rowOf(page, orders[0]).waitFor();
  await expectConnection(page, "Live");
  const shown = await numbers(page);
  const other = await shop.order(await shop.customer(), [product]);
  const fresh = [];
  for (let n = 0; n < 3; n++) fresh.push(await shop.order(customer, [product]));
  await button(page, "3 new orders").waitFor();
  expect(await numbers(page)).toEqual(shown);
  await expectAccessible(page, "pill");
  await button(page, "3 new orders").click();
  await expect.poll(() => numbers(page)).toEqual([...fresh.map(({ number }) => number).reverse(), ...shown]);
  expect(await rowOf(page, other).count()).toBe(0);
});

test("a row changes where it stands, and flashes once", async ({ open, shop }) => {
  const { orders, path } = await ordersOfOne(shop, 2);
  const page = await open(path, { as: await shop.admin() });
  await rowOf(page, orders[0]).waitFor();
  await expectConnection(page, "Live");
  const shown = await numbers(page);
  await page.evaluate(() => {
    window.flashes = [];
    document.addEventListener("animationstart", (event) =>
      window.flashes.push([event.animationName, event.target.textContent]),
    );
  });
  await shop.setStatus(orders[0], "processing");
  await rowOf(page, orders[0]).getByText("Processing", { exact: true }).waitFor();
  expect(await numbers(page)).toEqual(shown);
  await expect
    .poll(() => page.evaluate(() => window.flashes))
    .toEqual([["flash", expect.stringContaining(orders[0].number)]]);
});

test("filters, sort and search are in the address, and survive back and reload", async ({ open, shop }) => {
  const { customer, orders } = await ordersOfOne(shop, 3);
  await shop.setStatus(orders[1], "processing");
  const page = await open("/admin", { as: await shop.admin() });
  await heading(page, "Orders").waitFor();
  await search(page).fill(customer.email);
  await expect.poll(() => numbers(page)).toEqual(orders.map(({ number }) => number).reverse());
  await page.getByLabel("Sort").selectOption("Lowest total");
  await expect.poll(() => numbers(page)).toEqual(orders.map(({ number }) => number));
  await page.getByRole("button", { name: /^Pending/ }).click();
  const filtered = [orders[0].number, orders[2].number];
  await expect.poll(() => numbers(page)).toEqual(filtered);
  await expectAccessible(page, "filtered");

  await page.reload();
  await expect.poll(() => numbers(page)).toEqual(filtered);
  expect(await search(page).inputValue()).toBe(customer.email);
  await page.getByRole("link", { name: orders[2].number, exact: true }).click();
  await heading(page, orders[2].number).waitFor();
  await page.goBack();
  await expect.poll(() => numbers(page)).toEqual(filtered);
  await page.goBack();
  await expect.poll(() => numbers(page)).toEqual(orders.map(({ number }) => number));
  await page.goForward();
  await expect.poll(() => numbers(page)).toEqual(filtered);
});

test("pages follow each other without a gap or a double", async ({ open, shop }) => {
  const { orders, path } = await ordersOfOne(shop, 28);
  const page = await open(path, { as: await shop.admin() });
  await expect.poll(async () => (await numbers(page)).length).toBe(25);
  await button(page, "Show more").click();
  await expect.poll(() => numbers(page)).toEqual(orders.map(({ number }) => number).reverse());
});

test("the CSV is exactly the filter shown", async ({ open, shop }) => {
  const { customer, orders } = await ordersOfOne(shop, 4);
  await shop.setStatus(orders[3], "processing");
  const admin = await shop.admin();
  const query = `q=${encodeURIComponent(customer.email)}&status=pending&sort=total`;
  const page = await open(`/admin?${query}`, { as: admin });
  await expect.poll(() => numbers(page)).toHaveLength(3);
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Export CSV").click()]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  const [head, ...lines] = (await readFile(await download.path(), "utf8"))
    .replace(/^\uFEFF/, "")
    .trim()
    .split(/\r?\n/);
  const columns = head.split(",");
  const cell = (line, name) => line.split(",")[columns.indexOf(name)];
  const { data } = await admin.api.get(`/orders/admin?${query}`);
  expect(data).toHaveLength(3);
  expect(lines.map((line) => [cell(line, "number"), cell(line, "status"), Number(cell(line, "total"))])).toEqual(
    data.map(({ number, status, total }) => [number, status, total]),
  );
});

test("several orders are moved at once", async ({ open, shop }) => {
  const { orders, path } = await ordersOfOne(shop, 3);
  await shop.setStatus(orders[2], "cancelled");
  const admin = await shop.admin();
  const page = await open(path, { as: admin });
  await page.getByRole("checkbox", { name: "Select all shown" }).check();
  const bar = page.getByRole("group", { name: "Selected orders" });
  await bar.getByText("3 selected").waitFor();
  await expectAccessible(page, "selection");
  await bar.getByRole("button", { name: /^Start processing/ }).click();
  const dialog = page.getByRole("dialog", { name: "2 of 3 orders changed" });
  await dialog.getByRole("link", { name: orders[2].number }).waitFor();
  await expectAccessible(page, "bulk result");
  await button(dialog, "Close").click();
  for (const order of orders.slice(0, 2)) await rowOf(page, order).getByText("Processing", { exact: true }).waitFor();
  const statuses = (await admin.api.get(`/orders/admin?q=${encodeURIComponent(orders[0].customer.email)}`)).data;
  await expect
    .poll(() => statuses.map(({ status }) => status).sort())
    .toEqual(["cancelled", "processing", "processing"]);
});

test("columns are chosen, and stay chosen", async ({ open, shop }) => {
  const { path } = await ordersOfOne(shop, 1);
  const page = await open(path, { as: await shop.admin() });
  const column = table(page).getByRole("columnheader", { name: "E-mail" });
  await table(page).waitFor();
  const before = await column.count();
  await button(page, "Columns").click();
  await page.getByRole("checkbox", { name: "E-mail" }).click();
  await expectAccessible(page, "columns");
  await page.keyboard.press("Escape");
  await expect.poll(() => column.count()).toBe(1 - before);
  await page.reload();
  await table(page).waitFor();
  expect(await column.count()).toBe(1 - before);
});

test("tiles and the chart, which is a table too", async ({ open, shop }) => {
  await ordersOfOne(shop, 1);
  const page = await open("/admin", { as: await shop.admin() });
  for (const name of ["Today's orders", "Today's revenue", "Oldest unhandled", "Live viewers"])
    await page.getByText(name).waitFor();
  await page.getByRole("img", { name: /Revenue by day/ }).waitFor();
  await expectAccessible(page, "admin dashboard");
  await button(page, "Show as table").click();
  await page.getByRole("region", { name: "Revenue by day" }).getByRole("table").waitFor();
  await expectAccessible(page, "revenue table");
});

test("no match is said, with a way out", async ({ open, shop }) => {
  const page = await open("/admin?q=nothing-has-this", { as: await shop.admin() });
  await page.getByText("No order matches").waitFor();
  await expectAccessible(page, "no match");
  await button(page, "Clear filters").first().click();
  await expectPath(page, "/admin");
  await expect.poll(() => new URL(page.url()).search).toBe("");
});

test("a cancellation of several is asked for first, with its effect", async ({ open, shop }) => {
  const { orders, path, product } = await ordersOfOne(shop, 2);
  await shop.setPayment(orders[1]);
  const page = await open(path, { as: await shop.admin() });
  await page.getByRole("checkbox", { name: "Select all shown" }).check();
  await page.getByRole("group", { name: "Selected orders" }).getByRole("button", { name: "Cancel order" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/returns 3 units to stock, refund due \$20\.00/).waitFor();
  await expectAccessible(page, "bulk cancellation");
  await button(dialog, "Cancel 2 orders").click();
  for (const order of orders) await rowOf(page, order).getByText("Cancelled", { exact: true }).waitFor();
  await expect.poll(() => shop.stockOf(product)).toBe(500);
});
