import { Fragment } from "react";
import { strings as common } from "../../strings/common";
import { strings } from "../../strings/keyboard";
import { Dialog } from "../ui/Dialog";
import { isSingle, keyCaps } from "./keys";
import { type Shortcut, useShortcuts } from "./ShortcutContext";

/** What the keys do on the page that is shown, and the switch that turns single keys off. */
export default function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const { active, singleKeys, setSingleKeys } = useShortcuts();
  const shortcuts = active();
  return (
    <Dialog title={strings.title} onClose={onClose} yields>
      <div className="stack">
        <Group
          title={strings.thisPage}
          shortcuts={shortcuts.filter((each) => !each.anywhere)}
          singleKeys={singleKeys}
        />
        <Group title={strings.anywhere} shortcuts={shortcuts.filter((each) => each.anywhere)} singleKeys={singleKeys} />
      </div>
      <div className="field">
        <label className="check">
          <input
            type="checkbox"
            role="switch"
            checked={singleKeys}
            aria-checked={singleKeys}
            aria-describedby="single-keys-hint"
            onChange={(event) => setSingleKeys(event.target.checked)}
          />
          {strings.singleKeys}
        </label>
        <p id="single-keys-hint" className="hint">
          {strings.singleKeysHint}
        </p>
      </div>
      <div className="actions">
        <button type="button" onClick={onClose}>
          {common.close}
        </button>
      </div>
    </Dialog>
  );
}

function Group({ title, shortcuts, singleKeys }: { title: string; shortcuts: Shortcut[]; singleKeys: boolean }) {
  if (shortcuts.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl className="shortcuts">
        {shortcuts.map(({ keys, does }) => (
          <div key={keys} className={isSingle(keys) && !singleKeys ? "shortcut-off" : undefined}>
            <dt>{does}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Keys({ keys }: { keys: string }) {
  return keyCaps(keys).map((caps, step) => (
    <Fragment key={caps.join()}>
      {step > 0 && <span className="muted"> {strings.sequence} </span>}
      {caps.map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </Fragment>
  ));
}
