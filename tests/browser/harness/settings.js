import { fileURLToPath } from "node:url";

export const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));
/** Of the pages where a test failed. */
export const PICTURES = `${CHECKOUT}build/tests/browser`;
/** As many instances of the system are started; a worker's tests run one after the other and have theirs to themselves. */
export const WORKERS = 2;
export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];
