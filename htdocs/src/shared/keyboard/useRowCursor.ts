import { useEffect, useId, useRef, useState } from "react";
import { strings } from "../../strings/keyboard";
import { useShortcut } from "./ShortcutContext";

export interface RowCursor<Row> {
  /** The id of the highlighted row. */
  current: string | undefined;
  /** For each row's element: <tr {...cursor.rowProps(row)}>. */
  rowProps: (row: Row) => { "data-row": string; "data-current": true | undefined; onFocus: () => void };
}

interface RowCursorOptions<Row> {
  /** Enter, where the row's own link isn't focused already. */
  open: (row: Row) => void;
  /** x: selects the row, or takes it back. */
  toggle?: (row: Row) => void;
  /** For lists that render only what is in view: brings the row of this index there. */
  reveal?: (index: number) => void;
}

/** j and k go through the rows of a list: the row's link, or else its first control, gets the focus, so that a screen reader reads it and Enter opens it. */
export function useRowCursor<Row extends { id: string }>(rows: Row[], options: RowCursorOptions<Row>): RowCursor<Row> {
  const list = useId();
  const [current, setCurrent] = useState<string>();
  const wanted = useRef<string>(undefined);

  const focusWanted = () => {
    const row = document.querySelector(`[data-row="${list} ${wanted.current}"]`);
    const target =
      row?.querySelector<HTMLElement>("a[href]") ?? row?.querySelector<HTMLElement>("button, input, select");
    if (!target) return;
    wanted.current = undefined;
    target.focus();
    row?.scrollIntoView?.({ block: "nearest" });
  };
  // A row that `reveal` brings into view is there one rendering later.
  useEffect(() => {
    if (wanted.current) focusWanted();
  });

  const index = rows.findIndex((row) => row.id === current);
  const moveTo = (next: number) => {
    const row = rows[Math.min(Math.max(next, 0), rows.length - 1)];
    if (!row) return;
    wanted.current = row.id;
    setCurrent(row.id);
    options.reveal?.(rows.indexOf(row));
    focusWanted();
  };
  useShortcut("j", strings.nextRow, () => moveTo(index + 1));
  useShortcut("k", strings.previousRow, () => moveTo(index - 1));
  useShortcut("Enter", strings.openRow, () => rows[index] && options.open(rows[index]));
  useShortcut(options.toggle && "x", strings.selectRow, () => rows[index] && options.toggle?.(rows[index]));

  return {
    current: index < 0 ? undefined : current,
    rowProps: (row) => ({
      "data-row": `${list} ${row.id}`,
      "data-current": row.id === current || undefined,
      onFocus: () => setCurrent(row.id),
    }),
  };
}
