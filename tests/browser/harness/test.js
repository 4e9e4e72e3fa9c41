// `test` with what the tests are made of: an instance of the system and a browser, which a worker keeps, and contexts, which a test has to itself.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test as base, expect, inject } from "vitest";
import { launch, newContext, takeSession } from "./browser.js";
import { startInstance, stopInstance } from "./instance.js";
import { PICTURES } from "./settings.js";
import { Shop } from "./shop.js";
import { Watch } from "./watch.js";

export { expect } from "vitest";
export { launch } from "./browser.js";

export const test = base.extend({
  instance: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads the pattern
    async ({}, use) => {
      const instances = inject("instances");
      await use(instances[Number(process.env.VITEST_POOL_ID) % instances.length]);
    },
    { scope: "worker" },
  ],
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads the pattern
    async ({}, use) => {
      const browser = await launch();
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  shop: [async ({ instance }, use) => use(new Shop(instance)), { scope: "worker" }],
  watch: async ({ instance }, use) => use(new Watch(instance.url)),

  /** start({extraConf, expectedLog, ...settings}): a system of the test's own, for what would hurt others. */
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads the pattern
  start: async ({}, use) => {
    const instances = [];
    await use(async (options) => {
      const instance = await startInstance(options);
      instances.push(instance);
      return instance;
    });
    const lines = await Promise.all(instances.map(stopInstance));
    expect(lines.flat(), "Apache's error log").toEqual([]);
  },

  /** open(path, {as: user, at: instance, ...options of the context}): a page in a browser context of its own, signed in as the user. */
  // With `start`, so that pages are closed before their system is stopped.
  open: async ({ instance, browser, watch, start: _, task }, use) => {
    const contexts = [];
    await use(async (path, { as: user, at = instance, with: otherBrowser = browser, ...options } = {}) => {
      const context = await newContext(otherBrowser, { baseURL: at.url, ...options });
      contexts.push(context);
      watch.origins.add(at.url);
      await watch.attach(context);
      if (user) await takeSession(context, at.url, user);
      const page = await context.newPage();
      await page.goto(path);
      return page;
    });
    if (task.result?.state === "fail") await takePictures(contexts, task.name);
    for (const context of contexts) await context.close();
    expect(watch.problems, "what the watch has seen").toEqual([]);
  },
});

async function takePictures(contexts, name) {
  await mkdir(PICTURES, { recursive: true });
  const pages = contexts.flatMap((context) => context.pages());
  for (const [index, page] of pages.entries()) {
    const path = join(PICTURES, `${name.replace(/[^a-z0-9]+/gi, "-")}-${index + 1}.png`);
    await page.screenshot({ path, timeout: 5_000 }).catch(() => {});
  }
}
