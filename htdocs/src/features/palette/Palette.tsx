import { CommandGroup, CommandInput, CommandItem, CommandList, CommandRoot, useCommandState } from "cmdk";
import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import type { Role } from "../../shared/api/types";
import { formatMoney } from "../../shared/format/format";
import { StatusWord } from "../../shared/order/StatusWord";
import { useSession } from "../../shared/session/SessionContext";
import { useTheme } from "../../shared/theme/ThemeContext";
import { ModalDialog } from "../../shared/ui/Dialog";
import { strings } from "../../strings/palette";
import "./palette.css";
import { useFound } from "./useFound";

interface PaletteProps {
  role: Role;
  places: { href: string; label: string }[];
  onHelp: () => void;
  onClose: () => void;
}

/** Ctrl+K: every page, order and command by a few letters of its name. */
export default function Palette({ role, places, onHelp, onClose }: PaletteProps) {
  const [words, setWords] = useState("");
  const [, navigate] = useLocation();
  const { theme, themes, setTheme } = useTheme();
  const { signOut } = useSession();
  const { orders, products, searching } = useFound(words, role);
  const orderBase = role === "admin" ? "/admin/orders/" : "/orders/";

  const close = (then: () => void) => () => {
    onClose();
    then();
  };
  const go = (href: string) => close(() => navigate(href));
  return (
    <ModalDialog className="dialog palette" label={strings.title} onClose={onClose} yields>
      <CommandRoot label={strings.title} vimBindings={false} loop>
        {/* Marked, since CommandRoot around it could take the focus, too. */}
        <CommandInput data-autofocus placeholder={strings.prompt} value={words} onValueChange={setWords} />
        <CommandList label={strings.title} tabIndex={undefined}>
          <Group title={strings.orders} shown={orders.length > 0}>
            {orders.map((order) => (
              <CommandItem key={order.id} value={order.id} keywords={[words]} onSelect={go(orderBase + order.id)}>
                <span className="palette-name">{order.number}</span>
                <span className="palette-more muted">
                  {role === "admin" ? order.customer.name : order.items.map(({ name }) => name).join(", ")}
                </span>
                <span className="number">{formatMoney(order.total, order.currency)}</span>
                <StatusWord status={order.status} />
              </CommandItem>
            ))}
          </Group>
          <Group title={strings.products} shown={products.length > 0}>
            {products.map((product) => (
              <CommandItem
                key={product.id}
                value={product.id}
                keywords={[words]}
                onSelect={go(`/admin/products?q=${encodeURIComponent(product.name)}`)}
              >
                <span className="palette-more">{product.name}</span>
                <span className="number">{formatMoney(product.price, product.currency)}</span>
              </CommandItem>
            ))}
          </Group>
          <Group title={strings.goTo} shown>
            {[...places, { href: "/account", label: strings.account }].map(({ href, label }) => (
              <CommandItem key={href} keywords={[strings.goTo]} onSelect={go(href)}>
                {label}
              </CommandItem>
            ))}
          </Group>
          <Group title={strings.do} shown>
            {themes
              .filter((each) => each !== theme)
              .map((each) => (
                <CommandItem key={each} onSelect={close(() => setTheme(each))}>
                  {strings.theme[each]}
                </CommandItem>
              ))}
            <CommandItem onSelect={onHelp}>{strings.help}</CommandItem>
            <CommandItem onSelect={close(() => void signOut().catch(() => {}))}>{strings.signOut}</CommandItem>
          </Group>
        </CommandList>
        <Outcome searching={searching} />
      </CommandRoot>
    </ModalDialog>
  );
}

function Group({ title, shown, children }: { title: string; shown: boolean; children: ReactNode }) {
  return shown ? <CommandGroup heading={title}>{children}</CommandGroup> : null;
}

/** How many were found, for the ear; that nothing was, for everybody. */
function Outcome({ searching }: { searching: boolean }) {
  const count = useCommandState((state) => state.filtered.count);
  const words = useCommandState((state) => state.search);
  const text = count > 0 ? strings.results(count) : searching ? strings.searching : strings.nothing;
  return (
    <p role="status" className={count > 0 ? "visually-hidden" : "palette-nothing muted"}>
      {words && text}
    </p>
  );
}
