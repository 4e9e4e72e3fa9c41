import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import useSWR from "swr";
import { fieldErrors } from "../../shared/api/http";
import type { Address, OrderRow, Page } from "../../shared/api/types";
import { useUser } from "../../shared/session/SessionContext";
import {
  type AddressErrors,
  type AddressFields,
  checkAddress,
  fieldOf,
  isComplete,
  NO_ADDRESS,
  toFields,
} from "./address";
import type { DraftValue } from "./useDraft";

export interface AddressForm {
  fields: AddressFields;
  errors: AddressErrors;
  /** Shown as fields; else as an address, once there is one. */
  editing: boolean;
  set: (part: Partial<AddressFields>) => void;
  edit: () => void;
  /** True if it can be sent; else its fields tell what is wrong, and the first of these has the focus. */
  check: () => boolean;
  /** Puts what the server says of the address beside its fields. */
  showErrors: (error: unknown) => void;
  /** Takes an earlier order's address, unless there is one that somebody chose. */
  offer: (address: Address) => void;
  /** What the fields are in. */
  frame: React.RefObject<HTMLFieldSetElement | null>;
}

/** The address's fields. They are part of the draft, and to begin with those of the newest order that has an address. */
export function useAddress({ draft, latest, change }: DraftValue): AddressForm {
  const blank = { ...NO_ADDRESS, name: useUser().name };
  const fields = draft.ship ?? blank;
  const [errors, setErrors] = useState<AddressErrors>({});
  const [editing, setEditing] = useState(!isComplete(fields));
  const frame = useRef<HTMLFieldSetElement>(null);

  const focus = (selector: string) => frame.current?.querySelector<HTMLElement>(selector)?.focus();
  const show = (found: AddressErrors) => {
    flushSync(() => {
      setErrors(found);
      setEditing(true);
    });
    focus("[aria-invalid]");
  };
  const offer = (address: Address) => {
    // An address that comes late doesn't change an order that was sent.
    if (latest().ship || latest().attempt) return;
    change((before) => ({ ...before, ship: toFields(address) }));
    setEditing(false);
  };
  useLastAddress(draft.ship !== undefined || draft.attempt !== undefined, offer);

  return {
    fields,
    errors,
    editing,
    frame,
    offer,
    set: (part) => {
      change((before) => ({ ...before, ship: { ...(before.ship ?? blank), ...part } }));
      const [field] = Object.keys(part);
      setErrors((before) => Object.fromEntries(Object.entries(before).filter(([each]) => each !== field)));
    },
    edit: () => {
      flushSync(() => setEditing(true));
      focus("input:not([type=checkbox])");
    },
    check: () => {
      const found = checkAddress(fields);
      if (found) show(found);
      return !found;
    },
    showErrors: (error) => {
      const found: AddressErrors = {};
      for (const [pointer, detail] of fieldErrors(error)) {
        const field = fieldOf(pointer);
        if (field) found[field] = detail;
      }
      if (Object.keys(found).length > 0) show(found);
    },
  };
}

function useLastAddress(decided: boolean, offer: (address: Address) => void) {
  const { data } = useSWR<Page<OrderRow>>(decided ? null : "/orders?limit=20");
  const address = data?.data.find((order) => order.shipTo)?.shipTo;
  const latest = useRef(offer);
  latest.current = offer;
  useEffect(() => {
    if (address) latest.current(address);
  }, [address]);
}
