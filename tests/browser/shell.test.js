import { expect, test } from "./harness/test.js";

test("who is not signed in comes to the sign-in page", async ({ open }) => {
  const page = await open("/orders/new");
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/login");
  expect(await page.getByRole("status", { name: "Connection" }).textContent()).toBe("Signed out");
});

test("the connection is live for who is signed in", async ({ open, shop }) => {
  const page = await open("/", { as: await shop.customer() });
  await page.getByRole("heading", { level: 1, name: "Your orders" }).waitFor();
  await page.getByRole("status", { name: "Connection" }).getByText("Live", { exact: true }).waitFor();
});
