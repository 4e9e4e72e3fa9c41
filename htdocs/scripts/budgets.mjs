// What a browser has to fetch, by gzip -9, against what it may have to: node scripts/budgets.mjs [DIST]. Exit status 1: something is too big.
// 1 kB is 1000 bytes.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET_KB = { initial: 110, page: 25, css: 12 };

const dist = resolve(process.argv[2] ?? new URL("../dist/", import.meta.url).pathname);
const read = (file) => readFileSync(join(dist, file));
const manifest = JSON.parse(read(".vite/manifest.json"));

/** The chunks that are loaded with this one: itself, and what it imports, and what that imports. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const each of manifest[key].imports ?? []) closure(each, found);
  return found;
}

function kilobytes(files) {
  const bytes = [...new Set(files)].reduce((sum, file) => sum + gzipSync(read(file), { level: 9 }).length, 0);
  return bytes / 1000;
}

const keys = Object.keys(manifest);
const initial = new Set(keys.filter((key) => manifest[key].isEntry).flatMap((key) => [...closure(key)]));
const filesOf = (chunks) => chunks.map((key) => manifest[key].file);
const scripts = [
  ...read("index.html")
    .toString()
    .matchAll(/<script[^>]* src="\/([^"]+)"/g),
].map(([, file]) => file);
const styles = keys
  .flatMap((key) => [manifest[key].file, ...(manifest[key].css ?? [])])
  .filter((file) => file.endsWith(".css"));

const rows = [["initial JS", kilobytes([...scripts, ...filesOf([...initial])]), BUDGET_KB.initial]];
for (const key of keys.filter((each) => manifest[each].isDynamicEntry && !initial.has(each)).sort()) {
  const only = [...closure(key)].filter((each) => !initial.has(each));
  rows.push([manifest[key].name ?? key, kilobytes(filesOf(only)), BUDGET_KB.page]);
}
rows.push(["all CSS", kilobytes(styles), BUDGET_KB.css]);

for (const [name, size, budget] of rows) {
  const verdict = size > budget ? "  TOO BIG" : "";
  console.log(`${name.padEnd(24)} ${size.toFixed(1).padStart(6)} kB of ${String(budget).padStart(3)}${verdict}`);
}
process.exitCode = rows.some(([, size, budget]) => size > budget) ? 1 : 0;
