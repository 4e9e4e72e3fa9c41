import { chromium } from "playwright-core";
import { CHROMIUM, CHROMIUM_FLAGS } from "./settings.js";

const PATIENCE = 15_000;

export const launch = (...flags) =>
  chromium.launch({ executablePath: CHROMIUM, headless: true, args: [...CHROMIUM_FLAGS, ...flags] });

/** With a profile of its own instead of contexts, for tools that come by a port. */
export const launchProfile = (folder, ...flags) =>
  chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    headless: true,
    args: [...CHROMIUM_FLAGS, ...flags],
  });

/** What everybody has: English, UTC, a screen of 1280 by 900. */
export async function newContext(browser, options) {
  const context = await browser.newContext({
    locale: "en-US",
    timezoneId: "UTC",
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(PATIENCE);
  return context;
}

/** The cookies of a sign-in, without going through the form. */
export async function takeSession(context, url, { email, password }) {
  const response = await fetch(`${url}/api/users/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  const cookies = response.headers.getSetCookie().map((line) => {
    const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
    const httpOnly = /httponly/i.test(line);
    return { name, value, url: url.replace("http:", "https:"), httpOnly, secure: true, sameSite: "Strict" };
  });
  await context.addCookies(cookies);
}
