import { expectAccessible } from "./harness/axe.js";
import { expectConnection, heading, toast } from "./harness/parts.js";
import { unique } from "./harness/shop.js";
import { expect, test } from "./harness/test.js";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const rowOf = (page, name) => page.getByRole("row").filter({ hasText: name });
const dialogOf = (page) => page.getByRole("dialog");

test("a product is created, found, repriced, restocked and taken off sale", async ({ open, shop }) => {
  const admin = await shop.admin();
  const name = `Kettle ${unique()}`;
  const page = await open("/admin/products", { as: admin });
  await heading(page, "Products").waitFor();
  await button(page, "New product").click();
  const dialog = dialogOf(page);
  await expectAccessible(page, "new product");
  await button(dialog, "Create product").click();
  await dialog.getByText("Say what it is called.").waitFor();
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Price in USD").fill("34.5");
  await dialog.getByLabel("Units in stock").fill("8");
  await button(dialog, "Create product").click();
  await rowOf(page, name).waitFor();

  await page.getByRole("searchbox", { name: "Search products" }).fill(name.toLowerCase());
  await expect.poll(() => page.getByRole("row").count()).toBe(2);
  await rowOf(page, name).getByText("$34.50").waitFor();
  await expectAccessible(page, "products");

  await button(page, `Edit ${name}`).click();
  await expectAccessible(page, "edit product");
  await dialog.getByLabel("Price in USD").fill("29.99");
  await button(dialog, "Save").click();
  await rowOf(page, name).getByText("$29.99").waitFor();

  await button(page, `Change stock ${name}`).click();
  await dialog.getByLabel("How many?").fill("5");
  await expectAccessible(page, "change stock");
  await button(dialog, "Change stock").click();
  await toast(page, "Stock changed").waitFor();
  const [product] = (await admin.api.get(`/products?q=${encodeURIComponent(name)}`)).data;
  expect(product).toMatchObject({ price: 29.99, stock: 13, active: true });

  await page.getByRole("switch", { name: `${name} is active` }).click();
  await toast(page, "Product deactivated").waitFor();
  await expect.poll(async () => (await admin.api.get(`/products/${product.id}`)).active).toBe(false);
});

test("stock follows what is sold, and is changed by a difference", async ({ open, shop }) => {
  const product = await shop.product({ stock: 10 });
  const page = await open(`/admin/products?q=${encodeURIComponent(product.name)}`, { as: await shop.admin() });
  await rowOf(page, product.name).waitFor();
  await expectConnection(page, "Live");
  await button(page, `Change stock ${product.name}`).click();
  // Sold while the dialog is open: the difference is what counts.
  await shop.order(await shop.customer(), [product, 4]);
  await dialogOf(page).getByRole("definition").getByText("6", { exact: true }).waitFor();
  await dialogOf(page).getByLabel("How many?").fill("3");
  await button(dialogOf(page), "Change stock").click();
  await expect.poll(() => shop.stockOf(product)).toBe(9);
});
