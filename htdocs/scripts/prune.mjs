// A page that was open before a build still asks for that build's parts when somebody moves on in it. So they stay for a day after the last build that
// made them; what is older goes.
import { readdir, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";

const dist = process.argv[2] ?? new URL("../dist/", import.meta.url).pathname;
const KEEP_MS = 24 * 60 * 60 * 1000;

const manifest = JSON.parse(await readFile(join(dist, ".vite/manifest.json"), "utf8"));
const current = new Set(
  Object.values(manifest).flatMap(({ file, css = [], assets = [] }) => [file, ...css, ...assets]),
);

for (const name of await readdir(join(dist, "assets"))) {
  const path = join(dist, "assets", name);
  if (current.has(`assets/${name.replace(/\.(br|gz)$/, "")}`)) continue;
  if (Date.now() - (await stat(path)).mtimeMs > KEEP_MS) await unlink(path);
}
