import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

interface DialogProps {
  title: string;
  /** Escape, too. */
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  /** Ctrl+K may take its place: nothing is lost by closing it. */
  yields?: boolean;
}

/** A modal <dialog>: the browser keeps the focus inside. It starts at the element marked data-autofocus, or else at the first control, and goes back to where it was. Shown as long as it is rendered. */
export function Dialog({ title, onClose, children, wide, yields }: DialogProps) {
  const heading = useId();
  return (
    <ModalDialog
      className={wide ? "dialog dialog-wide" : "dialog"}
      labelledBy={heading}
      onClose={onClose}
      yields={yields}
    >
      <h2 id={heading}>{title}</h2>
      {children}
    </ModalDialog>
  );
}

interface ModalDialogProps extends Omit<DialogProps, "title" | "wide"> {
  className: string;
  label?: string;
  labelledBy?: string;
}

/** For what looks like no usual dialog. */
export function ModalDialog({ className, label, labelledBy, onClose, children, yields }: ModalDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const latest = useRef(onClose);
  latest.current = onClose;

  // Before the first paint and, at the end, before the element is gone: the focus never falls back to the page's top.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const before = document.activeElement;
    const onCancel = (event: Event) => {
      if (event.target !== element) return;
      event.preventDefault();
      latest.current();
    };
    // A second Escape closes whatever `cancel` says. Open again, it is told of an earlier close (StrictMode's).
    const onClosed = (event: Event) => event.target === element && !element.open && latest.current();
    element.addEventListener("cancel", onCancel);
    element.addEventListener("close", onClosed);
    element.showModal();
    element.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      element.removeEventListener("cancel", onCancel);
      element.removeEventListener("close", onClosed);
      element.close();
      giveBackFocus(before);
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      className={className}
      aria-label={label}
      aria-labelledby={labelledBy}
      data-yields={yields || undefined}
    >
      {children}
    </dialog>
  );
}

/** To the element that had it, or to the page's content where that one is gone. */
export function giveBackFocus(before: Element | null) {
  if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
  else document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
}
