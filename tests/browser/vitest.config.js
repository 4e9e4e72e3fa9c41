import { defineConfig } from "vitest/config";
import { WORKERS } from "./harness/settings.js";

export default defineConfig({
  test: {
    environment: "node",
    include: ["*.test.js"],
    globalSetup: "harness/setup.js",
    // A worker keeps its browser and its instance of the system from file to file.
    pool: "forks",
    isolate: false,
    maxWorkers: WORKERS,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000, interval: 50 } },
    reporters: ["default", ["junit", { outputFile: "../../build/tests/browser.xml" }]],
  },
});
