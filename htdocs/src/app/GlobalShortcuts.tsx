import { useLocation } from "wouter";
import type { Role } from "../shared/api/types";
import { useShortcut } from "../shared/keyboard/ShortcutContext";
import { useUndoLast } from "../shared/ui/ToastContext";
import { strings as common } from "../strings/common";
import { strings } from "../strings/keyboard";
import { homeOf } from "./places";

interface GlobalShortcutsProps {
  role: Role | undefined;
  onPalette: () => void;
  onHelp: () => void;
}

const ANYWHERE = { anywhere: true };

/** The keys that every page has. */
export function GlobalShortcuts({ role, onPalette, onHelp }: GlobalShortcutsProps) {
  const [, navigate] = useLocation();
  const undoLast = useUndoLast();
  const ifRole = (keys: string, wanted?: Role) => (role && (!wanted || role === wanted) ? keys : undefined);

  useShortcut(ifRole("Ctrl+k"), strings.palette, onPalette, ANYWHERE);
  useShortcut(ifRole("/"), strings.search, () => focusSearch() || onPalette(), ANYWHERE);
  useShortcut(ifRole("g o"), strings.goOrders, () => role && navigate(homeOf(role)), ANYWHERE);
  useShortcut(ifRole("g n", "customer"), strings.goNewOrder, () => navigate("/orders/new"), ANYWHERE);
  useShortcut(ifRole("g p", "admin"), strings.goProducts, () => navigate("/admin/products"), ANYWHERE);
  useShortcut(ifRole("g u", "admin"), strings.goUsers, () => navigate("/admin/users"), ANYWHERE);
  useShortcut(ifRole("Ctrl+z"), common.undo, undoLast, ANYWHERE);
  useShortcut("?", strings.help, onHelp, ANYWHERE);
  return null;
}

/** False where the page has no search field. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("main :is(input[type=search], [role=searchbox])");
  field?.focus();
  field?.select?.();
  return field !== null;
}
