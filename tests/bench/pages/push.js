// Push to screen: from the request that places an order or moves it, to the text that changes in a page that shows it. The admin's pill "N new orders",
// and the step of an order on the customer's dashboard. Fails when p95 is over the budget.
import { launch, newContext, takeSession } from "../../browser/harness/browser.js";
import { startInstance, stopInstance } from "../../browser/harness/instance.js";
import { Shop } from "../../browser/harness/shop.js";

const ROUNDS = 100;
const BUDGET = 150;

const now = () => performance.timeOrigin + performance.now();

/** From now on looks after each change of the page whether what is named is there. Returns a function that waits for the time when it became so. */
async function watchFor(page, name, given) {
  await page.evaluate(
    ([name, given]) => {
      const isThere = window.isThere[name];
      window.seen = new Promise((resolve) => {
        const watch = new MutationObserver(() => {
          if (!isThere(given)) return;
          watch.disconnect();
          resolve(performance.timeOrigin + performance.now());
        });
        watch.observe(document.body, { childList: true, characterData: true, subtree: true, attributes: true });
      });
    },
    [name, given],
  );
  return () => page.evaluate(() => window.seen);
}

function defineTests() {
  window.isThere = {
    pill: (text) => [...document.querySelectorAll("button")].some((each) => each.textContent === text),
    processing: (id) => {
      const card = document.querySelector(`a[href="/orders/${id}"]`).closest("li");
      return card.querySelector("[aria-current=step]")?.textContent.includes("Processing");
    },
  };
}

async function openPage(browser, instance, user, path) {
  const context = await newContext(browser, { baseURL: instance.url });
  await takeSession(context, instance.url, user);
  const page = await context.newPage();
  await page.goto(path);
  await page.getByRole("status", { name: "Connection" }).getByText("Live", { exact: true }).waitFor();
  await page.evaluate(defineTests);
  return page;
}

async function newOrders(browser, instance, shop) {
  const page = await openPage(browser, instance, await shop.admin(), "/admin");
  await page.getByRole("table", { name: "Orders" }).waitFor();
  const customer = await shop.customer();
  const product = await shop.product({ stock: 1_000 });
  const times = [];
  for (let n = 1; n <= ROUNDS; n++) {
    const seen = await watchFor(page, "pill", n === 1 ? "1 new order" : `${n} new orders`);
    const begin = now();
    await shop.order(customer, [product]);
    times.push((await seen()) - begin);
  }
  await page.context().close();
  return times;
}

async function statusChanges(browser, instance, shop) {
  const customer = await shop.customer();
  const product = await shop.product({ stock: 1_000 });
  const orders = [];
  for (let n = 0; n < ROUNDS; n++) orders.push(await shop.order(customer, [product]));
  const page = await openPage(browser, instance, customer, "/");
  await page.getByRole("link", { name: orders[0].number, exact: true }).waitFor();
  const times = [];
  for (const order of orders) {
    const seen = await watchFor(page, "processing", order.id);
    const begin = now();
    await shop.setStatus(order, "processing");
    times.push((await seen()) - begin);
  }
  await page.context().close();
  return times;
}

function report(what, times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
  const [p50, p95, max] = [at(0.5), at(0.95), at(1)].map((ms) => `${ms.toFixed(0)} ms`);
  console.log(`${what}: p50 ${p50}, p95 ${p95}, longest ${max}, of ${times.length}`);
  if (at(0.95) > BUDGET) {
    console.log(`over the budget of ${BUDGET} ms at p95`);
    process.exitCode = 1;
  }
}

const instance = await startInstance();
const browser = await launch();
try {
  const shop = new Shop(instance);
  report("order placed → the admin's pill counts it", await newOrders(browser, instance, shop));
  report("status changed → the customer's dashboard shows it", await statusChanges(browser, instance, shop));
} finally {
  await browser.close();
  await stopInstance(instance);
}
