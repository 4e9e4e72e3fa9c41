import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` passes the API and the live channel on to a running system: `make start` first.
const target = process.env.ORDERS_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // Browsers of that target load modules ahead by themselves.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // Read by scripts/prune.mjs and scripts/budgets.mjs; Apache hides it.
    manifest: true,
    // The last build's assets stay a while: scripts/prune.mjs.
    emptyOutDir: false,
    // What every page needs is one file: fewer requests, and it compresses better.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "initial", tags: ["$initial"] }] } } },
  },
  server: {
    proxy: { "/api": target, "/healthz": target, "/ws": { target, ws: true } },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    // For a busy machine; what hangs is still told.
    testTimeout: 30_000,
  },
});
