import type { FormEventHandler, ReactNode } from "react";
import { Banner } from "../../shared/ui/Banner";
import { Dialog } from "../../shared/ui/Dialog";
import { strings as common } from "../../strings/common";

interface FormDialogProps {
  title: string;
  /** What the button says. */
  submit: string;
  busy: boolean;
  /** Why it failed, where no field is to blame. */
  failure?: string;
  onSubmit: FormEventHandler<HTMLFormElement>;
  onClose: () => void;
  children: ReactNode;
}

/** A form in a dialog. */
export function FormDialog({ title, submit, busy, failure, onSubmit, onClose, children }: FormDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" noValidate onSubmit={onSubmit}>
        {children}
        {failure && <Banner tone="bad">{failure}</Banner>}
        <div className="actions">
          <button type="submit" className="primary" aria-disabled={busy || undefined}>
            {submit}
          </button>
          <button type="button" onClick={onClose}>
            {common.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
