import { useEffect, useId, useRef, useState } from "react";
import { useShortcut } from "../keyboard/ShortcutContext";

const PAUSE = 250;

interface SearchBoxProps {
  label: string;
  hint?: string;
  /** What is searched for now: usually from the address. */
  term: string;
  /** Called with what was typed, trimmed, after a short pause. */
  onTerm: (term: string) => void;
}

/** A search field; "/" leads to it. */
export function SearchBox({ label, hint, term, onTerm }: SearchBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(term);
  const told = useRef(term);
  useShortcut("/", label, () => input.current?.focus());

  // The address was changed from elsewhere: back, forward, a link.
  useEffect(() => {
    if (term === told.current) return;
    told.current = term;
    setText(term);
  }, [term]);
  const latest = useRef(onTerm);
  latest.current = onTerm;
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === told.current) return;
    const timer = setTimeout(() => {
      told.current = wanted;
      latest.current(wanted);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text]);

  return (
    <search className="field">
      <label htmlFor={id}>{label}</label>
      <input
        ref={input}
        id={id}
        type="search"
        value={text}
        placeholder={hint}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
    </search>
  );
}
