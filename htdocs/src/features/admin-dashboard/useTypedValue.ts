import { useEffect, useRef, useState } from "react";

const PAUSE = 300;

interface TypedValue {
  text: string;
  setText: (text: string) => void;
  /** Does not wait for a pause. */
  sendNow: () => void;
}

/** A field whose value is passed on when its typist pauses. What is typed stays as it is; only a value that comes from elsewhere replaces it.
    `normal` makes of a text what is passed on, "" where it is none (yet). */
export function useTypedValue(
  value: string,
  normal: (text: string) => string,
  send: (value: string) => void,
): TypedValue {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const latest = useRef({ normal, send });
  latest.current = { normal, send };

  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);

  const sendNow = () => {
    const next = latest.current.normal(text);
    if (next === sent.current) return;
    sent.current = next;
    latest.current.send(next);
  };
  const sendLatest = useRef(sendNow);
  sendLatest.current = sendNow;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the text begins the wait anew
  useEffect(() => {
    const timer = setTimeout(() => sendLatest.current(), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return { text, setText, sendNow };
}
