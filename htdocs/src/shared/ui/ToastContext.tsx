import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { strings } from "../../strings/common";
import { giveBackFocus } from "./Dialog";
import { Icon } from "./Icon";

export interface Toast {
  /** About three words: "Order shipped". What has to stay is a Banner. */
  text: string;
  tone?: "good" | "bad";
  undo?: () => void;
}

interface ShownToast extends Toast {
  key: number;
}

const SHOWN_FOR = 6_000;
/** What can be undone stays longer. */
const UNDO_SHOWN_FOR = 12_000;
const MOST = 3;

interface ToastValue {
  show: (toast: Toast) => void;
  undoLast: () => void;
}

const ToastContext = createContext<ToastValue | null>(null);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<ShownToast[]>([]);
  const [held, setHeld] = useState(false);
  const nextKey = useRef(1);
  const shown = useRef(toasts);
  shown.current = toasts;
  /** Where the focus was before it came to the toasts. */
  const before = useRef<Element>(null);

  const drop = useCallback((key: number) => setToasts((all) => all.filter((each) => each.key !== key)), []);
  const undo = useCallback(
    (toast: ShownToast | undefined) => {
      if (!toast) return;
      drop(toast.key);
      toast.undo?.();
    },
    [drop],
  );
  const value = useMemo<ToastValue>(
    () => ({
      show: (toast) => {
        const key = nextKey.current++;
        setToasts((all) => [...all.slice(1 - MOST), { ...toast, key }]);
      },
      undoLast: () => undo(shown.current.findLast((each) => each.undo)),
    }),
    [undo],
  );
  const leave = () => {
    setHeld(false);
    giveBackFocus(before.current);
  };

  return (
    <ToastContext value={value}>
      {children}
      <section
        className="toasts"
        aria-label={strings.notifications}
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={(event) => {
          setHeld(true);
          if (!event.currentTarget.contains(event.relatedTarget)) before.current = event.relatedTarget;
        }}
        onBlur={() => setHeld(false)}
      >
        <div role="log" aria-live="polite">
          {toasts.map((toast) => (
            <ToastItem
              key={toast.key}
              toast={toast}
              held={held}
              onEnd={drop}
              onDismiss={() => {
                drop(toast.key);
                leave();
              }}
              onUndo={() => {
                undo(toast);
                leave();
              }}
            />
          ))}
        </div>
      </section>
    </ToastContext>
  );
}

interface ToastItemProps {
  toast: ShownToast;
  /** While somebody points at a toast or is in it, none goes away. */
  held: boolean;
  onEnd: (key: number) => void;
  onDismiss: () => void;
  onUndo: () => void;
}

function ToastItem({ toast, held, onEnd, onDismiss, onUndo }: ToastItemProps) {
  const { key, text, tone, undo } = toast;
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => onEnd(key), undo ? UNDO_SHOWN_FOR : SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [key, undo, held, onEnd]);
  return (
    <div className={tone === "bad" ? "toast toast-bad" : "toast"}>
      <span>{text}</span>
      {undo && (
        <button type="button" className="link" onClick={onUndo}>
          {strings.undo}
        </button>
      )}
      <button type="button" className="toast-dismiss" aria-label={strings.dismiss} onClick={onDismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function useToasts() {
  const value = use(ToastContext);
  if (!value) throw new Error("useToast needs a ToastProvider");
  return value;
}

export const useToast = () => useToasts().show;

/** Takes back the last move that can be. */
export const useUndoLast = () => useToasts().undoLast;
