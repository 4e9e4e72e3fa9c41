import { createContext, type ReactNode, use, useCallback, useRef, useState } from "react";
import { strings } from "../../strings/common";

export interface Toast {
  /** About three words: "Order shipped". What has to stay is a Banner. */
  text: string;
  tone?: "good" | "bad";
  undo?: () => void;
}

const SHOWN_FOR = 6_000;
const ToastContext = createContext<((toast: Toast) => void) | null>(null);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<(Toast & { key: number })[]>([]);
  const nextKey = useRef(1);
  const drop = useCallback((key: number) => setToasts((all) => all.filter((each) => each.key !== key)), []);
  const show = useCallback(
    (toast: Toast) => {
      const key = nextKey.current++;
      setToasts((all) => [...all.slice(-2), { ...toast, key }]);
      // What can be undone stays twice as long.
      setTimeout(() => drop(key), toast.undo ? 2 * SHOWN_FOR : SHOWN_FOR);
    },
    [drop],
  );
  return (
    <ToastContext value={show}>
      {children}
      <section className="toasts" aria-label={strings.notifications}>
        <div role="log" aria-live="polite">
          {toasts.map(({ key, text, tone, undo }) => (
            <div key={key} className={`toast ${tone === "bad" ? "toast-bad" : ""}`}>
              <span>{text}</span>
              {undo && (
                <button
                  type="button"
                  className="link"
                  onClick={() => {
                    drop(key);
                    undo();
                  }}
                >
                  {strings.undo}
                </button>
              )}
            </div>
          ))}
        </div>
      </section>
    </ToastContext>
  );
}

export function useToast() {
  const value = use(ToastContext);
  if (!value) throw new Error("useToast needs a ToastProvider");
  return value;
}
