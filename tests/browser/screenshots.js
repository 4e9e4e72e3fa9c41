// `make screenshots`: the pictures of the README, docs/img/*.png, of a demo shop that has been open for a month.
import { execFileSync } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { launch, newContext, takeSession } from "./harness/browser.js";
import { startInstance, stopInstance } from "./harness/instance.js";
import { connection } from "./harness/parts.js";
import { CHECKOUT } from "./harness/settings.js";
import { Shop } from "./harness/shop.js";

const FOLDER = join(CHECKOUT, "docs/img");
const DESK = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const HOME = { name: "Maya Lind", lines: ["12 Harbour Street"], city: "Bristol", postcode: "BS1 4QA", country: "GB" };
const STEPS = ["processing", "shipped", "delivered"];

/** The same numbers each time. */
let seed = 20;
function random(below) {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed % below;
}

/** Orders as they would have come in a month: [hours ago of each entry of its history] by id, to be moved there afterwards. */
async function openForAMonth(shop) {
  const past = {};
  const { api } = await shop.firstAdmin();
  const products = (await api.get("/products?active=true&limit=100")).data;
  for (const { id } of products) await api.patch(`/products/${id}`, { stockDelta: 200 });
  const names = ["Ines Duarte", "Tom Okafor", "Lena Fischer", "Ravi Menon", "Clara Jensen", "Hugo Marin"];
  const customers = await Promise.all(names.map((name) => shop.customer(name, nameAddress(name))));

  async function place(customer, lines, hours, { steps = 0, paid = true } = {}) {
    const items = lines.map(([name, quantity]) => [products.find((each) => each.name.startsWith(name)), quantity]);
    const order = await shop.order({ ...customer, shipTo: customer.name === HOME.name ? HOME : undefined }, ...items);
    if (paid) await shop.setPayment(order);
    for (const status of STEPS.slice(0, steps)) await shop.setStatus(order, status);
    past[order.id] = hours;
    return order;
  }
  const baskets = [
    [["Enamel mug, forest", 2]],
    [
      ["Coffee beans", 3],
      ["Pour-over", 1],
    ],
    [
      ["Linen", 2],
      ["Beeswax", 6],
    ],
    [["Stoneware", 4]],
    [
      ["Cast-iron", 1],
      ["Walnut", 1],
    ],
    [["Wool blanket", 1]],
    [
      ["Enamel mug, cream", 4],
      ["Coffee beans", 1],
    ],
  ];
  for (let day = 30; day >= 1; day--)
    for (let n = 1 + random(day % 7 < 2 ? 2 : 4); n > 0; n--) {
      const begin = 24 * day - random(10);
      const hours = [begin, begin - 1, begin - 3, begin - 5, begin - 7].map((each) => Math.max(each, 2));
      await place(customers[random(6)], baskets[random(7)], hours, { steps: 3 });
    }
  const maya = await shop.signIn({ email: "maya@example.com", password: await customerPassword(shop) });
  await place(
    maya,
    [
      ["Enamel mug, cream", 2],
      ["Linen", 1],
    ],
    [340, 339, 320, 300, 270],
    { steps: 3 },
  );
  const shipped = await place(
    maya,
    [
      ["Walnut", 1],
      ["Stoneware", 4],
    ],
    [52, 51, 28, 5],
    { steps: 2 },
  );
  await place(customers[1], baskets[4], [7, 6, 4], { steps: 1 });
  await place(customers[3], baskets[1], [4.5, 4], {});
  await place(customers[4], baskets[3], [3.2], { paid: false });
  await place(
    maya,
    [
      ["Coffee beans", 2],
      ["Pour-over", 1],
    ],
    [1.7, 1.5, 0.6],
    { steps: 1 },
  );
  await place(customers[0], baskets[2], [0.8, 0.7], {});
  await place(maya, [["Beeswax", 6]], [0.5], { paid: false });
  await place(customers[2], baskets[6], [0.3], { paid: false });
  return { past, maya, shipped };
}

const nameAddress = (name) => `${name.split(" ")[0].toLowerCase()}@example.com`;
const customerPassword = async ({ instance }) =>
  (await readFile(join(instance.runDir, "customer.password"), "utf8")).trim();

async function backdate({ runDir }, past) {
  const uri = (await readFile(join(runDir, "mongodb.uri"), "utf8")).trim();
  const python = join(CHECKOUT, "build/venv/bin/python");
  execFileSync(python, [join(CHECKOUT, "tests/browser/backdate.py")], { input: JSON.stringify({ uri, orders: past }) });
}

/** The demo shop's own orders are from before, and done by now. */
async function finishDemoOrders(shop) {
  const { api } = await shop.firstAdmin();
  const { data } = await api.get("/orders/admin?limit=100&sort=createdAt");
  const past = {};
  for (const [n, { id, status, paymentReceived }] of data.entries()) {
    if (!paymentReceived && status === "pending") await shop.setPayment({ id });
    if (["pending", ...STEPS].includes(status))
      for (const next of STEPS.slice(STEPS.indexOf(status) + 1)) await shop.setStatus({ id }, next);
    const { history } = await api.get(`/orders/${id}`);
    past[id] = history.map((_, step) => 900 - 24 * n - 5 * step);
  }
  return past;
}

async function take(browser, shop, name, path, user, prepare = async () => {}) {
  const pictures = [
    [`${name}-light`, { ...DESK, colorScheme: "light" }],
    [`${name}-dark`, { ...DESK, colorScheme: "dark" }],
    [`${name}-phone`, { ...PHONE, colorScheme: "light" }],
  ];
  for (const [file, options] of pictures) {
    const context = await newContext(browser, { baseURL: shop.url, reducedMotion: "reduce", ...options });
    await takeSession(context, shop.url, user);
    const page = await context.newPage();
    await page.goto(path);
    await connection(page).getByText("Live", { exact: true }).waitFor();
    await page.locator("main .loading").first().waitFor({ state: "detached" });
    await prepare(page);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(FOLDER, `${file}.png`), caret: "hide" });
    await context.close();
    console.log(`docs/img/${file}.png`);
  }
}

async function chooseProducts(page) {
  for (const [name, quantity] of [
    ["Coffee beans, house blend, 1 kg", "2"],
    ["Enamel mug, forest green", "4"],
  ])
    await page.getByRole("spinbutton", { name: `Quantity of ${name}` }).fill(quantity);
  await page.evaluate(() => {
    document.activeElement.blur();
    scrollTo(0, 0);
  });
}

const instance = await startInstance();
const browser = await launch();
try {
  await mkdir(FOLDER, { recursive: true });
  const shop = new Shop(instance);
  const before = await finishDemoOrders(shop);
  const { past, maya, shipped } = await openForAMonth(shop);
  await backdate(instance, { ...before, ...past });
  const admin = { ...instance.admin };
  await take(browser, shop, "customer", "/", maya);
  await take(browser, shop, "order-form", "/orders/new", maya, chooseProducts);
  await take(browser, shop, "admin", "/admin", admin, (page) =>
    page.getByRole("img", { name: /^Revenue by day/ }).waitFor(),
  );
  await take(browser, shop, "admin-order", `/admin/orders/${shipped.id}`, admin);
} finally {
  await browser.close();
  await stopInstance(instance);
}
