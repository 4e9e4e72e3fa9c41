// 320 CSS pixels wide, which is also 1280 at 400 %: no page scrolls sideways.
import { expectAccessible } from "./harness/axe.js";
import { expectConnection, heading } from "./harness/parts.js";
import { expect, test } from "./harness/test.js";

const NARROW = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };

async function expectNoSideways(page) {
  const { wide, culprits } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const sticks = [...document.querySelectorAll("body *")].filter(
      (each) => each.getBoundingClientRect().right > width + 1,
    );
    return {
      wide: document.documentElement.scrollWidth - width,
      culprits: sticks.slice(0, 5).map((each) => `${each.tagName} ${each.className}`),
    };
  });
  expect(wide, `${page.url()} scrolls sideways: ${culprits.join(", ")}`).toBeLessThanOrEqual(0);
}

test("a visitor's pages", async ({ open }) => {
  for (const [path, title] of [
    ["/login", "Sign in"],
    ["/register", "Create an account"],
  ]) {
    const page = await open(path, NARROW);
    await heading(page, title).waitFor();
    await expectNoSideways(page);
    await expectAccessible(page, `narrow ${path}`);
  }
});

test("a customer's pages", async ({ open, shop }) => {
  const customer = await shop.customer("Maximiliane Oberhauser-Lindenbaum");
  const product = await shop.product({
    name: "Unbreakablecombinationofwordswithoutanyblank, extra long",
    price: 123456.78,
  });
  const order = await shop.order(customer, [product, 12]);
  const page = await open("/", { as: customer, ...NARROW });
  for (const [path, title] of [
    ["/", "Your orders"],
    ["/orders/new", "New order"],
    [`/orders/${order.id}`, order.number],
    ["/account", "Account"],
  ]) {
    await page.goto(path);
    await heading(page, title).waitFor();
    await expectConnection(page, "Live");
    if (path === "/orders/new") await page.getByRole("spinbutton").first().waitFor();
    await expectNoSideways(page);
    await expectAccessible(page, `narrow ${path}`);
  }
});

test("an admin's pages", async ({ open, shop }) => {
  const customer = await shop.customer("Maximiliane Oberhauser-Lindenbaum");
  const product = await shop.product({
    name: "Unbreakablecombinationofwordswithoutanyblank, extra long",
    price: 123456.78,
  });
  const order = await shop.order(customer, [product, 12]);
  const page = await open("/admin", { as: await shop.admin(), ...NARROW });
  for (const [path, title] of [
    [`/admin?q=${customer.email}`, "Orders"],
    [`/admin/orders/${order.id}`, order.number],
    ["/admin/products", "Products"],
    ["/admin/users", "Users"],
    ["/account", "Account"],
  ]) {
    await page.goto(path);
    await heading(page, title).waitFor();
    await expectConnection(page, "Live");
    if (path.startsWith("/admin") && !path.includes("orders")) await page.getByRole("row").nth(1).waitFor();
    await expectNoSideways(page);
    await expectAccessible(page, `narrow ${path}`);
  }
});
