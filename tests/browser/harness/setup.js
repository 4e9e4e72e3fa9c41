// Once for the whole run: an instance of the system for each worker, ended whatever happens.
import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { cleanEnvironment, startInstance, stopInstance } from "./instance.js";
import { CHECKOUT, PICTURES, WORKERS } from "./settings.js";

export default async function setup(project) {
  await rm(PICTURES, { recursive: true, force: true });
  execFileSync("make", ["-s", "build", "pages"], {
    cwd: CHECKOUT,
    env: cleanEnvironment(),
    stdio: "inherit",
  });
  const started = await Promise.allSettled(Array.from({ length: WORKERS }, () => startInstance()));
  const instances = started.filter((each) => each.status === "fulfilled").map((each) => each.value);
  const stop = async () => (await Promise.all(instances.map(stopInstance))).flat();
  const failed = started.find((each) => each.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  project.provide("instances", instances);
  return async () => {
    const lines = await stop();
    if (lines.length === 0) return;
    console.error(`Apache's error log has what it should not have:\n${lines.join("\n")}`);
    process.exitCode = 1;
  };
}
