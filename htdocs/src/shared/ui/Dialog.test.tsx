import { fireEvent, render, screen } from "@testing-library/react";
import { StrictMode, useState } from "react";
import { expect, it, vi } from "vitest";
import { Dialog } from "./Dialog";

function Page({ onClose }: { onClose?: () => void }) {
  const [open, setOpen] = useState(false);
  const [gone, setGone] = useState(false);
  return (
    <main tabIndex={-1}>
      {!gone && (
        <button type="button" onClick={() => setOpen(true)}>
          open
        </button>
      )}
      {open && (
        <Dialog
          title="Cancel A-000001?"
          onClose={() => {
            onClose?.();
            setOpen(false);
          }}
        >
          <input aria-label="reason" data-autofocus="" />
          <button type="button" onClick={() => setGone(true)}>
            take the opener away
          </button>
        </Dialog>
      )}
    </main>
  );
}

function openDialog(page = <Page />) {
  render(page);
  const opener = screen.getByText("open");
  opener.focus();
  fireEvent.click(opener);
  return screen.getByRole<HTMLDialogElement>("dialog", { name: "Cancel A-000001?" });
}

it("is modal, named by its title, and starts where it says", () => {
  const showModal = vi.spyOn(HTMLDialogElement.prototype, "showModal");
  expect(openDialog()).toHaveAttribute("open");
  expect(showModal).toHaveBeenCalledOnce();
  expect(screen.getByLabelText("reason")).toHaveFocus();
});

it("closes on Escape by its owner, and gives the focus back", () => {
  const dialog = openDialog();
  // What Escape does in a browser; prevented, because the owner decides.
  expect(fireEvent(dialog, new Event("cancel", { cancelable: true }))).toBe(false);
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(screen.getByText("open")).toHaveFocus();
});

it("follows when the browser closes it all the same, and tells its owner once", () => {
  const onClose = vi.fn();
  const dialog = openDialog(<Page onClose={onClose} />);
  dialog.close();
  fireEvent(dialog, new Event("close"));
  fireEvent(dialog, new Event("close"));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(onClose).toHaveBeenCalledOnce();
});

it("gives the focus to the content where its opener is gone", () => {
  const dialog = openDialog();
  fireEvent.click(screen.getByText("take the opener away"));
  fireEvent(dialog, new Event("cancel", { cancelable: true }));
  expect(screen.getByRole("main")).toHaveFocus();
});

it("doesn't mind being mounted twice", () => {
  const dialog = openDialog(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
  expect(dialog).toHaveAttribute("open");
  fireEvent(dialog, new Event("cancel", { cancelable: true }));
  expect(screen.getByText("open")).toHaveFocus();
});
