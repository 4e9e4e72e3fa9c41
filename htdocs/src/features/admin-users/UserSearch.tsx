import { useEffect, useId, useRef, useState } from "react";
import { useShortcut } from "../../shared/keyboard/ShortcutContext";
import { strings } from "../../strings/adminUsers";

const PAUSE = 250;

/** What is typed goes into the address after a short pause. */
export function UserSearch({ term, onTerm }: { term: string; onTerm: (term: string) => void }) {
  const [text, setText] = useState(term);
  const told = useRef(term);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useShortcut("/", strings.search, () => input.current?.focus());

  // The address was changed from elsewhere: back, forward, a link.
  useEffect(() => {
    if (term === told.current) return;
    told.current = term;
    setText(term);
  }, [term]);

  useEffect(() => {
    const wanted = text.trim();
    if (wanted === told.current) return;
    const timer = setTimeout(() => {
      told.current = wanted;
      onTerm(wanted);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text, onTerm]);

  return (
    <search className="users-search field">
      <label htmlFor={id}>{strings.search}</label>
      <input
        ref={input}
        id={id}
        type="search"
        value={text}
        aria-describedby={`${id}-hint`}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
      <p id={`${id}-hint`} className="hint">
        {strings.searchHint}
      </p>
    </search>
  );
}
