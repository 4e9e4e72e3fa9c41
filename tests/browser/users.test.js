import { expectAccessible } from "./harness/axe.js";
import { heading, toast } from "./harness/parts.js";
import { expect, test } from "./harness/test.js";

test("a user is found by e-mail and made an admin", async ({ open, shop }) => {
  const user = await shop.customer("Nora New");
  const page = await open("/admin/users", { as: await shop.admin() });
  await heading(page, "Users").waitFor();
  await page.getByRole("searchbox", { name: "Search users" }).fill(user.email.slice(0, -4));
  await expect.poll(() => page.getByRole("table").getByRole("row").count()).toBe(2);
  await expectAccessible(page, "users");
  const role = page.getByRole("combobox", { name: "Role of Nora New" });
  await role.selectOption("Admin");
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/will see and change all orders/).waitFor();
  await expectAccessible(page, "give a role");
  await dialog.getByRole("button", { name: "Make admin" }).click();
  await toast(page, "Role changed").waitFor();
  expect((await shop.signIn(user)).role).toBe("admin");
  await page.reload();
  await expect.poll(() => role.inputValue()).toBe("admin");
  expect(await page.getByRole("searchbox", { name: "Search users" }).inputValue()).toBe(user.email.slice(0, -4));
});

test("a role that isn't confirmed isn't given; one's own can't be", async ({ open, shop }) => {
  const user = await shop.customer("Nora New");
  const admin = await shop.admin("Own Role");
  const page = await open(`/admin/users?q=${encodeURIComponent(user.email)}`, { as: admin });
  const role = page.getByRole("combobox", { name: "Role of Nora New" });
  await role.selectOption("Admin");
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await expect.poll(() => role.inputValue()).toBe("customer");
  expect((await shop.signIn(user)).role).toBe("customer");
  await page.goto(`/admin/users?q=${encodeURIComponent(admin.email)}`);
  await expect.poll(() => page.getByRole("combobox", { name: "Role of Own Role" }).isDisabled()).toBe(true);
});

test("nobody found is said", async ({ open, shop }) => {
  const page = await open("/admin/users?q=nobody-has-this", { as: await shop.admin() });
  await page.getByText("No users found").waitFor();
  await expectAccessible(page, "no users found");
});
