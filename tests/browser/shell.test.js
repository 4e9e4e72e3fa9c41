import { expectAccessible } from "./harness/axe.js";
import { expectConnection, expectPath, heading } from "./harness/parts.js";
import { expect, test } from "./harness/test.js";

const ADMIN_PAGES = ["/admin", `/admin/orders/${"0".repeat(24)}`, "/admin/products", "/admin/users"];

test("who is not signed in comes to the sign-in page", async ({ open }) => {
  for (const path of ["/", "/orders/new", "/account", ...ADMIN_PAGES]) {
    const page = await open(path);
    await heading(page, "Sign in").waitFor();
    await expectPath(page, "/login");
    await page.context().close();
  }
});

test("a customer's browser never gets the admin's code, and admin pages say whom they are for", async ({
  open,
  shop,
}) => {
  const customer = await shop.customer();
  const page = await open("/login");
  const fetched = [];
  page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
  await page.getByLabel("Email").fill(customer.email);
  await page.getByLabel("Password", { exact: true }).fill(customer.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading(page, "Your orders").waitFor();
  for (const path of ["/orders/new", "/account", ...ADMIN_PAGES]) {
    await page.goto(path);
    await expectConnection(page, "Live");
    if (!path.startsWith("/admin")) continue;
    await page.getByText("This page is for the shop's staff").waitFor();
    await page.getByRole("link", { name: "Go to the start page" }).waitFor();
  }
  await expectAccessible(page, "wrong role");
  expect(fetched.filter((path) => path.endsWith(".js")).length).toBeGreaterThan(3);
  expect(fetched.filter((path) => /admin/i.test(path) && !ADMIN_PAGES.includes(path))).toEqual([]);
  await page.getByRole("link", { name: "Go to the start page" }).click();
  await heading(page, "Your orders").waitFor();
});

test("a customer's page tells an admin whom it is for", async ({ open, shop }) => {
  const page = await open("/orders/new", { as: await shop.admin() });
  await page.getByText("This page is for customers").waitFor();
  await page.getByRole("link", { name: "Go to the start page" }).click();
  await expectPath(page, "/admin");
});

test("an address without a page is told plainly", async ({ open }) => {
  const page = await open("/no/such/page");
  await page.getByText("Page not found").waitFor();
  await expectAccessible(page, "not found");
});

test("a chosen theme is there before the first paint, and stays", async ({ open }) => {
  const page = await open("/login", { colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.getByLabel("Theme").selectOption("Dark");
  await expect.poll(ground).not.toBe(light);
  const dark = await ground();
  // What <html> says when the parser comes to <body>, before anything can be painted.
  await page.addInitScript(() => {
    new MutationObserver((_, watch) => {
      if (!document.body) return;
      watch.disconnect();
      window.themeAtFirst = document.documentElement.dataset.theme;
    }).observe(document, { childList: true, subtree: true });
  });
  await page.reload();
  await heading(page, "Sign in").waitFor();
  expect(await page.evaluate(() => window.themeAtFirst)).toBe("dark");
  expect(await ground()).toBe(dark);
  expect(await page.getByLabel("Theme").inputValue()).toBe("dark");

  await page.getByLabel("Theme").selectOption("System");
  await expect.poll(ground).toBe(light);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(ground).toBe(dark);
});

test("who wants less motion gets none", async ({ open, shop }) => {
  const customer = await shop.customer();
  const order = await shop.order(customer, [await shop.product()]);
  const page = await open("/", { as: customer, reducedMotion: "reduce" });
  await page.getByRole("link", { name: order.number }).waitFor();
  await expectConnection(page, "Live");
  await page.evaluate(() => {
    window.moved = 0;
    for (const type of ["transitionrun", "animationstart"])
      document.addEventListener(type, (event) => {
        const [move] = event.target.getAnimations();
        if (move && move.effect.getComputedTiming().duration > 1) window.moved++;
      });
  });
  await shop.setStatus(order, "processing");
  await page.locator("[aria-current=step]").getByText("Processing", { exact: true }).waitFor();
  expect(await page.evaluate(() => window.moved)).toBe(0);
});
