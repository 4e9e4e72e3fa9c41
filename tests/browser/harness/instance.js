// The shipped system, started as `make start` does it, in a folder and on a port of its own.
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CHECKOUT } from "./settings.js";

const run = promisify(execFile);
// What make and the launcher must not inherit: settings, and what the test runner sets for itself.
const OWN_SETTINGS =
  /^(NODE_ENV|VITEST.*|VITE.*|TEST|PORT|HOST|RUN_DIR|MONGODB_URI|JWT_SECRET|CURRENCY|RATE_LIMIT|BCRYPT_COST|MAX_VIEWERS|ALLOWED_ORIGIN|MAKEFLAGS|MFLAGS|MAKELEVEL)$/;

export const cleanEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN_SETTINGS.test(name)));

/** Only numbers and names: goes from the global setup to the workers as it is. */
export async function startInstance({ extraConf, expectedLog, ...settings } = {}) {
  const runDir = await mkdtemp(join(tmpdir(), "orders-browser-"));
  // Apache's children are another user.
  await chmod(runDir, 0o711);
  if (extraConf) await writeFile(join(runDir, "extra.conf"), extraConf);
  const port = await freePort();
  const environment = {
    ...cleanEnvironment(),
    PORT: String(port),
    RUN_DIR: runDir,
    BCRYPT_COST: "4",
    RATE_LIMIT: "off",
    ...settings,
  };
  const instance = { runDir, port, expectedLog, url: `http://127.0.0.1:${port}` };
  try {
    await run("conf/launch", ["start"], { cwd: CHECKOUT, env: environment, timeout: 240_000 });
    instance.admin = {
      name: "First admin",
      email: "admin@example.com",
      password: (await readFile(join(runDir, "admin.password"), "utf8")).trim(),
    };
    return instance;
  } catch (error) {
    await stopInstance(instance);
    throw new Error(`the system did not start: ${error.stdout ?? ""}${error.stderr ?? ""}${error.message}`);
  }
}

/** Ends it, removes its folder, and returns what was in Apache's error log that should not have been. */
export async function stopInstance({ runDir, expectedLog }) {
  await run("conf/launch", ["stop"], {
    cwd: CHECKOUT,
    env: { ...cleanEnvironment(), RUN_DIR: runDir },
    timeout: 120_000,
  });
  const log = await readFile(join(runDir, "logs/error.log"), "utf8").catch(() => "");
  await rm(runDir, { recursive: true, force: true });
  return log
    .split("\n")
    .filter((line) => !expectedLog?.test(line))
    .filter((line) => /^\[[^\]]*\] \[[^\]:]*:(warn|error|crit|alert|emerg)\]/.test(line));
}

/** The process that leads a service: launcher, database, bridge or apache. */
export async function servicePid({ runDir }, service) {
  return Number((await readFile(join(runDir, `${service}.pid`), "utf8")).split(" ")[0]);
}

/**
 * Below the range that the system hands to outgoing connections, so that it stays free; a range for each of Vitest's workers (0 is the
 * global setup), for between choosing a port and listening there seconds may pass.
 */
async function freePort() {
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % 4;
  for (;;) {
    const port = 10_000 + worker * 2_500 + Math.floor(Math.random() * 2_500);
    const taken = await new Promise((resolve) => {
      const probe = connect(port, "127.0.0.1");
      probe.once("connect", () => resolve(true)).once("error", () => resolve(false));
      probe.once("connect", () => probe.destroy());
    });
    if (!taken) return port;
  }
}
