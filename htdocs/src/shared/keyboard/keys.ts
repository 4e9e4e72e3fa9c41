/* Which key of the keyboard is meant by "j", "?", "g o", "Ctrl+k"; and when a key belongs to somebody else. */

/** The time from one key of a sequence to the next. */
export const SEQUENCE_WITHIN = 1_000;

const WITH_CONTROL = "Ctrl+";
/** Works in fields, too. */
const EVERYWHERE = "Ctrl+k";

/** Written as in Shortcut.keys; undefined for what is no key of ours: Alt, Shift alone, and the like. */
export function keyOf(event: KeyboardEvent): string | undefined {
  if (event.altKey || event.isComposing || event.getModifierState?.("AltGraph")) return undefined;
  if (event.ctrlKey || event.metaKey) return event.shiftKey ? undefined : WITH_CONTROL + event.key.toLowerCase();
  // With Caps Lock a "j" comes as "J".
  return event.key.length === 1 && !event.shiftKey ? event.key.toLowerCase() : event.key;
}

export const isSingle = (keys: string) => !keys.startsWith(WITH_CONTROL);

const TAKES_TEXT =
  'textarea, select, [contenteditable]:not([contenteditable="false"]), input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"], [type="reset"])';
const TAKES_ENTER = "a[href], button, summary, label, [role=button], [role=option]";

/** The focused element does something of its own with this key. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element) || key === EVERYWHERE) return false;
  return target.closest(TAKES_TEXT) !== null || (key === "Enter" && target.closest(TAKES_ENTER) !== null);
}

/** A modal dialog keeps all keys to itself; one marked data-yields gives way to Ctrl+K. */
export function isBlocked(key: string): boolean {
  const dialogs = [...document.querySelectorAll("dialog[open]")];
  return dialogs.some((each) => key !== EVERYWHERE || !each.hasAttribute("data-yields"));
}

/** "g o" → [["G"], ["O"]], "Ctrl+k" → [["Ctrl", "K"]], for the eye. */
export function keyCaps(keys: string, mac = /Mac|iPhone|iPad/.test(navigator.platform)): string[][] {
  return keys
    .split(" ")
    .map((step) =>
      step
        .split("+")
        .map((cap) => (cap === "Ctrl" && mac ? "⌘" : cap.length === 1 && step.includes("+") ? cap.toUpperCase() : cap)),
    );
}
