import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "vitest";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds on the page once what was asked for is there. */
export async function findBarriers(page) {
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(SOURCE);
  return page.evaluate(async (tags) => {
    // Colours that are still on their way are none that stay.
    const moving = document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < 10_000);
    await Promise.all(moving.map((each) => each.finished.catch(() => {})));
    const { violations } = await window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
  }, TAGS);
}

/** Nothing is found, in the light and in the dark theme. */
export async function expectAccessible(page, what = page.url()) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    expect(await findBarriers(page), `axe, ${what}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
}
