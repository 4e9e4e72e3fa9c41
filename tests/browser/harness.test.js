// That the watch and axe would see what they are there for.
import { findBarriers } from "./harness/axe.js";
import { expect, test } from "./harness/test.js";

test("the watch sees what goes wrong in a page", async ({ open, watch }) => {
  const page = await open("/login");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.evaluate(() => {
    console.error("an error");
    setTimeout(() => {
      throw new Error("uncaught");
    });
    document.body.append(
      Object.assign(document.createElement("img"), { src: "https://elsewhere.test/a.png", alt: "" }),
    );
    document.body.setAttribute("style", "color: red");
    return fetch("/api/nothing");
  });
  const wanted = [
    /^console error: an error/,
    /^uncaught Error: uncaught/,
    /^404 GET \/api\/nothing/,
    /^CSP img-src: https:\/\/elsewhere/,
    /^CSP style-src-attr/,
  ];
  for (const pattern of wanted)
    await expect.poll(() => watch.problems).toEqual(expect.arrayContaining([expect.stringMatching(pattern)]));
  watch.expect(...wanted, /violates the following Content Security Policy/, /elsewhere/);
});

test("axe sees what bars people", async ({ open }) => {
  const page = await open("/login");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.evaluate(() => document.querySelector("main").append(document.createElement("input")));
  expect(await findBarriers(page)).toEqual([expect.stringMatching(/^label: /)]);
});
