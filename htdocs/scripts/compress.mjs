// Next to each text file of dist: a copy by Brotli and one by gzip, at their strongest. Apache sends what the browser takes.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const SMALLEST = 512;

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !/\.(js|css|html|svg|json)$/.test(entry.name)) continue;
  const text = await readFile(path);
  if (text.length < SMALLEST) continue;
  await writeFile(
    `${path}.br`,
    brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }),
  );
  await writeFile(`${path}.gz`, gzipSync(text, { level: 9 }));
}
