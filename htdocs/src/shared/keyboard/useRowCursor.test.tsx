import { fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, expect, it } from "vitest";
import { ShortcutProvider } from "./ShortcutContext";
import { useRowCursor } from "./useRowCursor";

const did: string[] = [];

/** `window`: how many rows are rendered, from the one that was revealed last. */
function List({ ids, window = ids.length }: { ids: string[]; window?: number }) {
  const [first, setFirst] = useState(0);
  const rows = ids.map((id) => ({ id }));
  const cursor = useRowCursor(rows, {
    open: (row) => did.push(`open ${row.id}`),
    toggle: (row) => did.push(`toggle ${row.id}`),
    reveal: window < ids.length ? setFirst : undefined,
  });
  return (
    <ul aria-label={`at ${cursor.current}`}>
      {rows.slice(first, first + window).map((row) => (
        <li key={row.id} {...cursor.rowProps(row)}>
          <input type="checkbox" aria-label={`select ${row.id}`} />
          <a href={`/${row.id}`}>{row.id}</a>
        </li>
      ))}
    </ul>
  );
}

const show = (ids: string[], window?: number) => (
  <ShortcutProvider>
    <List ids={ids} window={window} />
  </ShortcutProvider>
);
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });
const link = (id: string) => screen.getByRole("link", { name: id });

beforeEach(() => {
  did.length = 0;
});

it("goes down and up the rows' links, and stops at the ends", () => {
  render(show(["a", "b"]));
  press("j");
  expect(link("a")).toHaveFocus();
  expect(link("a").parentElement).toHaveAttribute("data-current");
  press("j");
  press("j");
  expect(link("b")).toHaveFocus();
  expect(link("a").parentElement).not.toHaveAttribute("data-current");
  press("k");
  press("k");
  expect(link("a")).toHaveFocus();
});

it("goes on from the row that somebody clicked or tabbed into", () => {
  render(show(["a", "b", "c"]));
  fireEvent.focus(screen.getByLabelText("select b"));
  press("j");
  expect(link("c")).toHaveFocus();
});

it("selects the row with x, and opens it with Enter where no link does it", () => {
  render(show(["a", "b"]));
  press("x");
  press("Enter");
  expect(did).toEqual([]);
  press("j");
  press("x");
  press("Enter");
  expect(did).toEqual(["toggle a"]);
  screen.getByLabelText("select a").focus();
  press("Enter");
  expect(did).toEqual(["toggle a", "open a"]);
});

it("stays with its row when others come in front, and lets go of one that is gone", () => {
  const { rerender } = render(show(["a", "b"]));
  press("j");
  rerender(show(["new", "a", "b"]));
  expect(screen.getByRole("list")).toHaveAccessibleName("at a");
  press("j");
  expect(link("b")).toHaveFocus();
  rerender(show(["new", "a"]));
  expect(screen.getByRole("list")).toHaveAccessibleName("at undefined");
});

it("has a row revealed that isn't rendered, and then focuses it", () => {
  render(show(["a", "b", "c"], 1));
  press("j");
  press("j");
  expect(link("b")).toHaveFocus();
});
