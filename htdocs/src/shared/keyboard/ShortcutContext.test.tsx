import { fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { strings } from "../../strings/keyboard";
import { keyCaps } from "./keys";
import { ShortcutProvider, useShortcut } from "./ShortcutContext";
import ShortcutHelp from "./ShortcutHelp";

const done: string[] = [];

function Keys({ keys, does = keys, anywhere }: { keys: string; does?: string; anywhere?: boolean }) {
  useShortcut(keys, does, () => done.push(does), { anywhere });
  return null;
}

function show(...keys: string[]) {
  return render(
    <ShortcutProvider>
      {keys.map((each) => (
        <Keys key={each} keys={each} />
      ))}
      <input aria-label="text" />
      <input type="checkbox" aria-label="tick" />
      <textarea aria-label="long text" />
      <select aria-label="choice" />
      {/* biome-ignore lint/a11y/useSemanticElements: the point is that it is no textarea */}
      <div role="textbox" tabIndex={0} aria-label="rich text" contentEditable />
      <a href="/orders">all orders</a>
    </ShortcutProvider>,
  );
}

const press = (key: string, more: object = {}, on: Element = document.body) => fireEvent.keyDown(on, { key, ...more });

beforeEach(() => {
  done.length = 0;
  localStorage.clear();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("keys", () => {
  it("do what is registered, and only as long as it is shown", () => {
    const { rerender } = show("j", "?");
    // False: the browser's own action was prevented.
    expect(press("j")).toBe(false);
    press("?", { shiftKey: true });
    expect(press("q")).toBe(true);
    expect(done).toEqual(["j", "?"]);
    rerender(<ShortcutProvider>{null}</ShortcutProvider>);
    press("j");
    expect(done).toHaveLength(2);
  });

  it("mean themselves alone: not with Ctrl, Alt or Shift, but with Caps Lock", () => {
    show("j", "Ctrl+k");
    press("K", { ctrlKey: true, shiftKey: true });
    press("k", { ctrlKey: true, altKey: true });
    press("j", { ctrlKey: true });
    press("j", { metaKey: true });
    press("j", { altKey: true });
    press("J", { shiftKey: true });
    expect(done).toEqual([]);
    press("J");
    expect(done).toEqual(["j"]);
  });

  it("belong to the one that came last", () => {
    render(
      <ShortcutProvider>
        <Keys keys="/" does="everywhere" anywhere />
        <Keys keys="/" does="here" />
      </ShortcutProvider>,
    );
    press("/");
    expect(done).toEqual(["here"]);
  });

  it("make a sequence within a second", () => {
    vi.useFakeTimers();
    show("g o", "o");
    press("g");
    vi.advanceTimersByTime(999);
    press("o");
    press("g");
    vi.advanceTimersByTime(1_001);
    press("o");
    press("g");
    press("g");
    press("o");
    expect(done).toEqual(["g o", "o", "g o"]);
  });

  it("are left to who has used them already, and to who composes a character", () => {
    show("j");
    const stop = (event: Event) => event.preventDefault();
    document.body.addEventListener("keydown", stop);
    press("j");
    document.body.removeEventListener("keydown", stop);
    press("j", { isComposing: true });
    expect(done).toEqual([]);
  });
});

describe("where somebody types", () => {
  it.each(["text", "long text", "choice", "rich text"])("keys are left to %s, but for Ctrl+K", (name) => {
    show("j", "Ctrl+k", "Ctrl+z");
    const field = screen.getByLabelText(name);
    press("j", {}, field);
    press("z", { ctrlKey: true }, field);
    expect(done).toEqual([]);
    press("k", { ctrlKey: true }, field);
    press("k", { metaKey: true }, field);
    expect(done).toEqual(["Ctrl+k", "Ctrl+k"]);
  });

  it("a checkbox takes no letters, and a link only Enter", () => {
    show("x", "Enter");
    press("x", {}, screen.getByLabelText("tick"));
    press("x", {}, screen.getByText("all orders"));
    press("Enter", {}, screen.getByText("all orders"));
    expect(done).toEqual(["x", "x"]);
  });
});

describe("a modal dialog", () => {
  const open = (yields: boolean) => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("open", "");
    dialog.toggleAttribute("data-yields", yields);
    return document.body.appendChild(dialog);
  };

  it("keeps all keys to itself", () => {
    show("j", "Ctrl+k");
    const dialog = open(false);
    press("j");
    press("k", { ctrlKey: true });
    dialog.remove();
    expect(done).toEqual([]);
  });

  it("gives way to Ctrl+K alone if it says so", () => {
    show("j", "Ctrl+k");
    const dialog = open(true);
    press("j");
    press("k", { ctrlKey: true });
    dialog.remove();
    expect(done).toEqual(["Ctrl+k"]);
  });
});

describe("help", () => {
  function showHelp() {
    const page = (help: boolean) => (
      <ShortcutProvider>
        <Keys keys="Ctrl+k" does="Commands" anywhere />
        <Keys keys="g o" does="Orders" anywhere />
        <Keys keys="j" does="Next row" />
        {help && <ShortcutHelp onClose={() => done.push("closed")} />}
      </ShortcutProvider>
    );
    const shown = render(page(false));
    shown.rerender(page(true));
    return shown;
  }

  it("lists what the keys do here and anywhere", () => {
    showHelp();
    const [here, anywhere] = screen.getAllByRole("heading", { level: 3 }).map((each) => each.parentElement);
    expect(here).toHaveTextContent(`${strings.thisPage}Next rowj`);
    expect(anywhere).toHaveTextContent(/Orders ?g then o/);
    expect(anywhere).not.toHaveTextContent("Next row");
  });

  it("switches single keys off, and remembers it; Ctrl+K stays", () => {
    const { unmount } = showHelp();
    fireEvent.click(screen.getByRole("switch", { name: strings.singleKeys }));
    unmount();
    const again = show("j", "g o", "Ctrl+k");
    press("j");
    press("g");
    press("o");
    press("k", { ctrlKey: true });
    expect(done).toEqual(["Ctrl+k"]);
    again.unmount();
    showHelp();
    expect(screen.getByRole("switch")).not.toBeChecked();
    fireEvent.click(screen.getByRole("switch"));
    expect(localStorage.getItem("single-keys")).toBe("on");
  });

  it("writes keys as they are printed on them", () => {
    expect(keyCaps("Ctrl+k", false)).toEqual([["Ctrl", "K"]]);
    expect(keyCaps("Ctrl+k", true)).toEqual([["⌘", "K"]]);
    expect(keyCaps("g o", false)).toEqual([["g"], ["o"]]);
  });
});
