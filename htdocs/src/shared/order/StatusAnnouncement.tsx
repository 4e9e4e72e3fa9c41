import { useEffect, useRef, useState } from "react";
import { strings } from "../../strings/common";
import type { OrderRow } from "../api/types";

/** Tells screen readers politely when the order shown has come to another status; silent at first. */
export function StatusAnnouncement({ order: { id, number, status } }: { order: OrderRow }) {
  const [text, setText] = useState("");
  const known = useRef({ id, status });
  useEffect(() => {
    if (known.current.id !== id) setText("");
    else if (known.current.status !== status) setText(strings.statusChanged(number, strings.status[status]));
    known.current = { id, status };
  }, [id, number, status]);
  // The region itself is there from the start: one that comes together with its text is often not read.
  return (
    <p role="status" className="visually-hidden">
      {text}
    </p>
  );
}
