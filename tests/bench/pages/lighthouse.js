// Lighthouse, mobile, on the pages that people come to first: the median of three runs of each. Fails below the budgets.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import lighthouse from "lighthouse";
import { launchProfile, takeSession } from "../../browser/harness/browser.js";
import { startInstance, stopInstance } from "../../browser/harness/instance.js";
import { Shop } from "../../browser/harness/shop.js";

const RUNS = 3;
const BUDGETS = { performance: 90, accessibility: 100, "best-practices": 100 };

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure(url, port) {
  const runs = [];
  for (let n = 0; n < RUNS; n++) {
    const { lhr } = await lighthouse(url, {
      port,
      // The session is in a cookie.
      disableStorageReset: true,
      onlyCategories: Object.keys(BUDGETS),
      logLevel: "error",
    });
    if (new URL(lhr.finalDisplayedUrl).pathname !== new URL(url).pathname)
      throw new Error(`${url} came to ${lhr.finalDisplayedUrl}`);
    runs.push(lhr);
  }
  return runs;
}

function report(name, runs) {
  const scores = Object.keys(BUDGETS).map((category) => [
    category,
    Math.round(100 * median(runs.map((lhr) => lhr.categories[category].score))),
  ]);
  const metric = (id) => median(runs.map((lhr) => lhr.audits[id].numericValue));
  console.log(
    `${name}: ${scores.map(([category, score]) => `${category} ${score}`).join(", ")};`,
    `first paint ${(metric("first-contentful-paint") / 1000).toFixed(1)} s,`,
    `largest ${(metric("largest-contentful-paint") / 1000).toFixed(1)} s,`,
    `blocked ${metric("total-blocking-time").toFixed(0)} ms,`,
    `shift ${metric("cumulative-layout-shift").toFixed(3)}`,
  );
  for (const [category, score] of scores) {
    if (score >= BUDGETS[category]) continue;
    process.exitCode = 1;
    console.log(`  ${category} is under ${BUDGETS[category]}:`);
    const lhr = runs[0];
    for (const { id, weight } of lhr.categories[category].auditRefs)
      if (weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9)
        console.log(`    ${lhr.audits[id].title}: ${lhr.audits[id].displayValue ?? ""}`);
  }
}

const instance = await startInstance();
const profile = await mkdtemp(join(tmpdir(), "orders-lighthouse-"));
const port = await freePort();
const context = await launchProfile(profile, `--remote-debugging-port=${port}`);
try {
  const shop = new Shop(instance);
  const customer = await shop.customer();
  const products = await Promise.all([9.5, 24, 110].map((price) => shop.product({ price })));
  for (const product of products) await shop.order(customer, [product, 2]);
  for (const [name, path, user] of [
    ["sign in", "/login"],
    ["customer's dashboard", "/", customer],
    ["order form", "/orders/new", customer],
    ["admin's dashboard", "/admin", await shop.firstAdmin()],
  ]) {
    await context.clearCookies();
    if (user) await takeSession(context, instance.url, user);
    report(name, await measure(instance.url + path, port));
  }
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true });
  await stopInstance(instance);
}
