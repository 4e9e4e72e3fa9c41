import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expectAccessible } from "./harness/axe.js";
import { connection, expectConnection, expectPath, heading, toast } from "./harness/parts.js";
import { unique } from "./harness/shop.js";
import { expect, launch, test } from "./harness/test.js";

/* How a page finds out that its session has ended. */
const ENDED = /^401 GET \/api\/users\/me/;

const button = (page, name) => page.getByRole("button", { name, exact: true });

async function signIn(page, { email, password }) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Sign in").click();
}

test("a customer signs in and lands on their orders; signs out", async ({ open, shop }) => {
  const customer = await shop.customer();
  const page = await open("/login");
  await heading(page, "Sign in").waitFor();
  expect(await connection(page).textContent()).toBe("Signed out");
  await expectAccessible(page, "sign in");
  await signIn(page, customer);
  await heading(page, "Your orders").waitFor();
  await expectPath(page, "/");
  await expectConnection(page, "Live");
  await button(page, "Sign out").click();
  await heading(page, "Sign in").waitFor();
  await expectConnection(page, "Signed out");
});

test("an admin signs in and lands on all orders", async ({ open, shop }) => {
  const page = await open("/login");
  await signIn(page, await shop.admin());
  await heading(page, "Orders").waitFor();
  await expectPath(page, "/admin");
});

test("who is sent to sign in comes back to where they wanted to go", async ({ open, shop }) => {
  const customer = await shop.customer();
  const order = await shop.order(customer, [await shop.product()]);
  const page = await open(`/orders/${order.id}`);
  await heading(page, "Sign in").waitFor();
  await signIn(page, customer);
  await heading(page, order.number).waitFor();
});

test("a wrong password is told, and the form keeps the address", async ({ open, shop, watch }) => {
  watch.expect(/^401 POST \/api\/users\/login/);
  const customer = await shop.customer();
  const page = await open("/login");
  await signIn(page, { ...customer, password: "not my password" });
  await page.getByRole("alert").getByText(/wrong/).waitFor();
  expect(await page.getByLabel("Email").inputValue()).toBe(customer.email);
  await expectAccessible(page, "sign in refused");
  await signIn(page, customer);
  await heading(page, "Your orders").waitFor();
});

test("errors stand beside the fields of a new account", async ({ open, shop, watch }) => {
  watch.expect(/^409 POST \/api\/users\/register/);
  const taken = await shop.customer();
  const page = await open("/register");
  await heading(page, "Create an account").waitFor();
  await button(page, "Create account").click();
  for (const label of ["Name", "Email"])
    await expect.poll(() => page.getByLabel(label, { exact: true }).getAttribute("aria-invalid")).toBe("true");
  await page.getByLabel("Name", { exact: true }).fill("Casey");
  await page.getByLabel("Email").fill(taken.email);
  await page.getByLabel("Password", { exact: true }).fill("short");
  await button(page, "Create account").click();
  await page.getByText(/Too short/).waitFor();
  await expectAccessible(page, "register with errors");
  await page.getByLabel("Password", { exact: true }).fill("long enough");
  await button(page, "Create account").click();
  await page.getByText(/There is an account with this email address/).waitFor();
});

test("a new password ends the other sessions and keeps this one", async ({ open, shop, watch }) => {
  watch.expect(ENDED);
  const customer = await shop.customer();
  const other = await open("/", { as: customer });
  await expectConnection(other, "Live");
  const page = await open("/account", { as: customer });
  await heading(page, "Account").waitFor();
  await expectAccessible(page, "account");
  await page.getByLabel("Current password", { exact: true }).fill(customer.password);
  await page.getByLabel("New password", { exact: true }).fill(`new-${unique()}`);
  await button(page, "Change password").click();
  await toast(page, "Password changed").waitFor();
  await heading(other, "Sign in").waitFor();
  await expectConnection(page, "Live");
});

test("an ended session says so and leads back", async ({ open, shop, watch }) => {
  watch.expect(ENDED);
  const customer = await shop.customer();
  const page = await open("/account", { as: customer });
  await expectConnection(page, "Live");
  await customer.api.post("/users/logout");
  await page.getByText(/Your session has ended/).waitFor();
  await signIn(page, customer);
  await heading(page, "Account").waitFor();
});

test("a session in use is renewed quietly", async ({ open, shop, instance }) => {
  const customer = await shop.customer();
  const page = await open("/login");
  await page.clock.install();
  const session = await sessionOfAge(instance, customer, 2_000);
  await page.context().addCookies(session.cookies);
  await page.goto("/");
  await heading(page, "Your orders").waitFor();
  const cookie = async () => (await page.context().cookies()).find(({ name }) => name === "__Host-session").value;
  // Being asked who it is, as the page begins, may have renewed it already.
  if ((await cookie()) === session.token) {
    await page.clock.fastForward("06:00");
    await page.keyboard.press("Tab");
  }
  await expect.poll(cookie).not.toBe(session.token);
  await heading(page, "Your orders").waitFor();
});

/** A session that began so many seconds ago, signed with the system's own secret. */
async function sessionOfAge(instance, { token }, seconds) {
  const secret = (await readFile(join(instance.runDir, "jwt.secret"), "utf8")).trim();
  const sign = (label, text) =>
    createHmac("sha256", createHmac("sha256", secret).update(`mod_orders ${label}`).digest())
      .update(text)
      .digest("base64url");
  const [head, body] = token.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url"));
  for (const name of ["iat", "exp", "auth_time"]) claims[name] -= seconds;
  const signed = `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  const older = `${signed}.${sign("token", signed)}`;
  const shared = { url: instance.url.replace("http:", "https:"), secure: true, sameSite: "Strict" };
  return {
    token: older,
    cookies: [
      { name: "__Host-session", value: older, httpOnly: true, ...shared },
      { name: "__Host-csrf", value: sign("csrf", older), ...shared },
    ],
  };
}

test("over plain http from another name the browser drops the cookie, and the page explains it", async ({
  open,
  shop,
  instance,
  watch,
}) => {
  watch.expect(/Cross-Origin-Opener-Policy header has been ignored/);
  const browser = await launch("--host-resolver-rules=MAP shop.test 127.0.0.1");
  try {
    const at = { ...instance, url: `http://shop.test:${instance.port}` };
    const page = await open("/login", { at, with: browser });
    await signIn(page, await shop.customer());
    await page.getByText(/your browser dropped the session's cookie/).waitFor();
    await page.getByText(/Open the shop with https/).waitFor();
    await expectAccessible(page, "cookie dropped");
  } finally {
    await browser.close();
  }
});
