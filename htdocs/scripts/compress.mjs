// Next to each text file of dist: a copy by Brotli and one by gzip, at their strongest. Apache sends what the browser takes.
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = process.argv[2] ?? new URL("../dist/", import.meta.url).pathname;
const SMALLEST = 512;

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue;
  // An asset's name changes with its contents: its copies are good for ever. The one by gzip is made last.
  if (entry.parentPath.endsWith("assets") && existsSync(`${path}.gz`)) continue;
  const text = await readFile(path);
  if (text.length < SMALLEST) {
    await Promise.all([rm(`${path}.br`, { force: true }), rm(`${path}.gz`, { force: true })]);
    continue;
  }
  await writeFile(
    `${path}.br`,
    brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }),
  );
  await writeFile(`${path}.gz`, gzipSync(text, { level: 9 }));
}
