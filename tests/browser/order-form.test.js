import { expectAccessible } from "./harness/axe.js";
import { expectConnection, expectPath, expectStep, heading } from "./harness/parts.js";
import { expect, test } from "./harness/test.js";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const quantityOf = (page, product) =>
  page.getByRole("spinbutton", { name: `Quantity of ${product.name}`, exact: true });
const ordersOf = async ({ api }) => (await api.get("/orders")).data;

/** The form with some of a product in the basket. */
async function fill(open, shop, { quantity = 2, ...options } = {}) {
  const customer = await shop.customer();
  const product = await shop.product(options);
  const page = await open("/orders/new", { as: customer });
  await expectConnection(page, "Live");
  await page.getByRole("searchbox", { name: "Search products" }).fill(product.name);
  await quantityOf(page, product).fill(String(quantity));
  return { customer, product, page };
}

test("the total runs along, and the order comes to its page", async ({ open, shop }) => {
  const { customer, page, product } = await fill(open, shop, { price: 19.99, quantity: 3 });
  await page.getByRole("status", { name: "Connection" }).waitFor();
  await expect.poll(() => page.getByText("$59.97").count()).toBeGreaterThan(0);
  await expectAccessible(page, "order form");
  await button(page, "Place order").click();
  await expectStep(page, "Pending");
  const [order, ...others] = await ordersOf(customer);
  expect(others).toEqual([]);
  expect(order).toMatchObject({ total: 59.97, items: [{ productId: product.id, quantity: 3 }] });
  await expectPath(page, `/orders/${order.id}`);
});

test("a double click makes one order", async ({ open, shop }) => {
  const { customer, page } = await fill(open, shop);
  await button(page, "Place order").dblclick();
  await expectStep(page, "Pending");
  expect(await ordersOf(customer)).toHaveLength(1);
});

/** The order reaches the shop; the answer doesn't reach the page. */
async function placeWithoutAnswer(page) {
  await page.route(
    (url) => /^\/api\/orders\/?$/.test(url.pathname),
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  await button(page, "Place order").click();
  await page.getByText(/the order may or may not have been placed/).waitFor();
}

test("a lost answer and another try make one order", async ({ open, shop, watch }) => {
  watch.expect(/^net::ERR_(FAILED|CONNECTION_RESET) POST \/api\/orders/);
  const { customer, page } = await fill(open, shop);
  await placeWithoutAnswer(page);
  await expectAccessible(page, "no answer");
  await button(page, "Try again").click();
  await expectStep(page, "Pending");
  expect(await ordersOf(customer)).toHaveLength(1);
});

test("a lost answer, the page loaded again, and another try make one order", async ({ open, shop, watch }) => {
  watch.expect(/^net::ERR_(FAILED|CONNECTION_RESET) POST \/api\/orders/);
  const { customer, page } = await fill(open, shop);
  await placeWithoutAnswer(page);
  await page.reload();
  await button(page, "Try again").click();
  await expectStep(page, "Pending");
  expect(await ordersOf(customer)).toHaveLength(1);
});

test("short stock becomes an offer to adjust", async ({ open, shop, watch }) => {
  watch.expect(/^409 POST \/api\/orders/);
  const { customer, page, product } = await fill(open, shop, { stock: 5, quantity: 4 });
  const other = await shop.customer();
  // Sold between the click and the request: the page can't know of it.
  await page.route(
    (url) => /^\/api\/orders\/?$/.test(url.pathname),
    async (route) => {
      await shop.order(other, [product, 3]);
      await route.continue();
    },
    { times: 1 },
  );
  await button(page, "Place order").click();
  await page
    .getByText(/Only 2 left/)
    .first()
    .waitFor();
  await page.getByText(/There is less in stock than you want/).waitFor();
  await expectAccessible(page, "short stock");
  await page.getByRole("button", { name: /^Adjust to 2/ }).click();
  await expect.poll(() => quantityOf(page, product).inputValue()).toBe("2");
  await button(page, "Place order").click();
  await expectStep(page, "Pending");
  expect(await ordersOf(customer)).toMatchObject([{ items: [{ quantity: 2 }] }]);
});

test("what others buy is seen at once", async ({ open, shop }) => {
  const { page, product } = await fill(open, shop, { stock: 7, quantity: 1 });
  const other = await shop.customer();
  await shop.order(other, [product, 4]);
  await page.getByText("Only 3 left").first().waitFor();
  await shop.order(other, [product, 3]);
  await page.getByText("Out of stock").first().waitFor();
});

test("a changed price is told before anything is ordered", async ({ open, shop, watch }) => {
  watch.expect(/^409 POST \/api\/orders/);
  const { customer, page, product } = await fill(open, shop, { price: 10 });
  const admin = await shop.firstAdmin();
  await page.route(
    (url) => /^\/api\/orders\/?$/.test(url.pathname),
    async (route) => {
      await admin.api.patch(`/products/${product.id}`, { price: 11 });
      await route.continue();
    },
    { times: 1 },
  );
  await button(page, "Place order").click();
  await page.getByText(/the total is \$22\.00 now, not \$20\.00/).waitFor();
  expect(await ordersOf(customer)).toEqual([]);
  await button(page, "Place order").click();
  await expectStep(page, "Pending");
  expect(await ordersOf(customer)).toMatchObject([{ total: 22 }]);
});

test("an ended session keeps the draft", async ({ open, shop, watch }) => {
  watch.expect(/^401 /);
  const { customer, page, product } = await fill(open, shop, { quantity: 5 });
  await page.getByRole("checkbox", { name: "Deliver to an address" }).check();
  await page.getByLabel("City").fill("Lisbon");
  await customer.api.post("/users/logout");
  await heading(page, "Sign in").waitFor();
  await page.getByLabel("Email").fill(customer.email);
  await page.getByLabel("Password", { exact: true }).fill(customer.password);
  await button(page, "Sign in").click();
  await heading(page, "New order").waitFor();
  await page.getByRole("searchbox", { name: "Search products" }).fill(product.name);
  await expect.poll(() => quantityOf(page, product).inputValue()).toBe("5");
  expect(await page.getByLabel("City").inputValue()).toBe("Lisbon");
});

test("errors stand beside the address's fields; the address is kept for the next order", async ({ open, shop }) => {
  const { customer, page } = await fill(open, shop);
  await page.getByRole("checkbox", { name: "Deliver to an address" }).check();
  await button(page, "Place order").click();
  await page.getByText("Enter the city.").waitFor();
  await expectAccessible(page, "address errors");
  await page.getByLabel("Name", { exact: true }).fill("Casey Customer");
  await page.getByLabel("Street and house number").fill("1 Mill Lane\nBack door");
  await page.getByLabel("City").fill("Bath");
  await page.getByLabel("Country").fill("United Kingdom");
  await button(page, "Place order").click();
  await expectStep(page, "Pending");
  expect(await ordersOf(customer)).toMatchObject([{ shipTo: { lines: ["1 Mill Lane", "Back door"], city: "Bath" } }]);
  await page.goto("/orders/new");
  await page.getByText("1 Mill Lane").waitFor();
});

test("an empty basket is said, not sent", async ({ open, shop }) => {
  const page = await open("/orders/new", { as: await shop.customer() });
  await button(page, "Place order").click();
  await page.getByText(/Choose a product first/).waitFor();
  await expectAccessible(page, "empty basket");
});
