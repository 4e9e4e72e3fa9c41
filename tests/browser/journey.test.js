import { expectConnection, expectStep, heading } from "./harness/parts.js";
import { unique } from "./harness/shop.js";
import { expect, test } from "./harness/test.js";

const button = (page, name) => page.getByRole("button", { name, exact: true });

test("a new user signs up, orders and follows; an admin sees the order come without a reload", async ({
  open,
  shop,
}) => {
  const product = await shop.product({ name: `Teapot ${unique()}`, price: 24.9 });
  const admin = await open("/admin", { as: await shop.admin() });
  await heading(admin, "Orders").waitFor();
  await expectConnection(admin, "Live");

  const page = await open("/");
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Nadia Newcomer");
  await page.getByLabel("Email").fill(`nadia-${unique()}@example.com`);
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await button(page, "Create account").click();
  await heading(page, "Your orders").waitFor();
  await page.getByRole("link", { name: "Place your first order" }).click();

  await page.getByRole("searchbox", { name: "Search products" }).fill(product.name);
  await page.getByRole("spinbutton", { name: `Quantity of ${product.name}` }).fill("2");
  await page.getByText("$49.80").filter({ visible: true }).first().waitFor();
  await button(page, "Place order").click();
  await page.waitForURL(/\/orders\/[0-9a-f]{24}$/);
  await expectStep(page, "Pending");
  const number = await page.getByRole("heading", { level: 1 }).textContent();
  expect(number).toMatch(/^A-\d{6}$/);

  const rows = admin.getByRole("table", { name: "Orders" }).getByRole("row");
  const before = await rows.count();
  await button(admin, "1 new order").waitFor();
  expect(await rows.count(), "no row has moved").toBe(before);
  await button(admin, "1 new order").click();
  await admin.getByRole("link", { name: number, exact: true }).click();
  await heading(admin, number).waitFor();
  await admin.getByText("Nadia Newcomer").first().waitFor();
  await button(admin, "Start processing").click();
  await expectStep(page, "Processing");
});
