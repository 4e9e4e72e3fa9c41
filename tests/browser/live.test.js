// The live connection under what hosting does to it. Each of these has a system of its own.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { servicePid } from "./harness/instance.js";
import { connection, expectConnection, expectStep } from "./harness/parts.js";
import { Shop } from "./harness/shop.js";
import { expect, test } from "./harness/test.js";

/* While the bridge is away the browser itself says so in its console. */
const BRIDGE_AWAY = /AH02454|AH01114/;
const NO_BRIDGE = [/WebSocket connection to 'ws:[^']*' failed/, /^50[23] GET \/ws/];

async function ownShop(start, options) {
  const instance = await start(options);
  const shop = new Shop(instance);
  const [customer, admin, product] = await Promise.all([shop.customer(), shop.admin(), shop.product()]);
  return { instance, shop, customer, admin, product };
}

/** The page of a new order, live. */
async function openOrder(open, { instance, shop, customer, admin, product }) {
  const order = await shop.order(customer, [product]);
  const page = await open(`/admin/orders/${order.id}`, { as: admin, at: instance });
  await expectStep(page, "Pending");
  await expectConnection(page, "Live");
  return { order, page };
}

async function restarts({ runDir }) {
  return (await readFile(join(runDir, "logs/error.log"), "utf8")).match(/AH00489/g).length;
}

test("a graceful reload of Apache is not noticed", async ({ open, start }) => {
  const own = await ownShop(start);
  const { order, page } = await openOrder(open, own);
  const before = await restarts(own.instance);
  process.kill(await servicePid(own.instance, "apache"), "SIGUSR1");
  await expect.poll(() => restarts(own.instance)).toBe(before + 1);
  await own.shop.setStatus(order, "processing");
  await expectStep(page, "Processing");
  await expectConnection(page, "Live");
});

test("the bridge is killed: the badge says so, it comes back, and nothing is missed", async ({
  open,
  start,
  watch,
}) => {
  watch.expect(...NO_BRIDGE);
  const own = await ownShop(start, { expectedLog: BRIDGE_AWAY });
  const { order, page } = await openOrder(open, own);
  const list = await open("/admin", { as: own.admin, at: own.instance });
  await list.getByRole("link", { name: order.number, exact: true }).first().waitFor();
  await expectConnection(list, "Live");
  const killed = await servicePid(own.instance, "bridge");
  process.kill(killed, "SIGKILL");
  await expectConnection(page, "Reconnecting");
  await expectConnection(list, "Reconnecting");
  // Nobody is there to tell of these.
  await own.shop.setStatus(order, "processing");
  const meanwhile = await own.shop.order(own.customer, [own.product]);
  await expectConnection(page, "Live");
  await expectStep(page, "Processing");
  await expectConnection(list, "Live");
  await list.getByRole("link", { name: meanwhile.number, exact: true }).waitFor();
  expect(await servicePid(own.instance, "bridge")).not.toBe(killed);
  await own.shop.setPayment(order);
  await own.shop.setStatus(order, "shipped");
  await expectStep(page, "Shipped");
});

test("a bridge that hangs: after a minute updates are paused, the page asks by itself, and goes on live", async ({
  open,
  start,
  watch,
}) => {
  watch.expect(...NO_BRIDGE);
  const own = await ownShop(start);
  const { order, page } = await openOrder(open, own);
  await page.clock.install();
  await page.reload();
  await expectStep(page, "Pending");
  await expectConnection(page, "Live");
  const bridge = await servicePid(own.instance, "bridge");
  process.kill(bridge, "SIGSTOP");
  // Silence for twice a heartbeat is a dead connection.
  await page.clock.runFor(51_000);
  await expectConnection(page, "Reconnecting");
  await own.shop.setStatus(order, "processing");
  await page.clock.runFor(61_000);
  await expectConnection(page, "Updates paused");
  await expectStep(page, "Processing");
  await own.shop.setPayment(order);
  await own.shop.setStatus(order, "shipped");
  await page.clock.runFor(16_000);
  await expectStep(page, "Shipped");
  process.kill(bridge, "SIGCONT");
  await expect
    .poll(async () => {
      await page.clock.runFor(2_000);
      return connection(page).textContent();
    })
    .toBe("Live");
});
