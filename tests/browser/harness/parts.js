// What is on many pages, by the names that people and screen readers know it by.

export const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
export const connection = (page) => page.getByRole("status", { name: "Connection" });
export const toast = (page, text) => page.getByRole("log").getByText(text);
export const progress = (page) => page.getByRole("list", { name: "Order progress" });

export async function expectConnection(page, word) {
  await connection(page).getByText(word, { exact: true }).waitFor();
}

/** The step where the order stands, by its word. */
export async function expectStep(page, word) {
  await progress(page).locator("[aria-current=step]").getByText(word, { exact: true }).waitFor();
}

export async function expectPath(page, path) {
  await page.waitForURL((url) => url.pathname === path);
}
