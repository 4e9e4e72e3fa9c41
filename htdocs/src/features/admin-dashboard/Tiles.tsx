import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Health } from "../../shared/api/types";
import { formatAgo, formatDateTime, formatMoney, formatNumber } from "../../shared/format/format";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";
import type { Figures } from "./useFigures";

/** How the shop does right now. */
export function Tiles({ now, days, today, month, oldest, health }: Figures) {
  const yesterday = month?.revenue.byDay.find((each) => each.date === days.at(-2))?.revenue ?? 0;
  return (
    <dl className="dash-tiles" aria-label={strings.today}>
      <Tile name={strings.tiles.orders} hint={today && strings.stillPending(today.orders.pending)}>
        {today && formatNumber(today.orders.total)}
      </Tile>
      <Tile name={strings.tiles.revenue} hint={month && strings.yesterday(formatMoney(yesterday, month.currency))}>
        {today && formatMoney(today.revenue.total, today.currency)}
      </Tile>
      <Tile
        name={strings.tiles.oldest}
        hint={
          oldest ? <Link href={`/admin/orders/${oldest.id}`}>{oldest.number}</Link> : oldest && strings.nothingWaits
        }
      >
        {oldest ? (
          <time dateTime={oldest.createdAt} title={formatDateTime(oldest.createdAt)}>
            {formatAgo(oldest.createdAt, now)}
          </time>
        ) : (
          oldest === null && common.none
        )}
      </Tile>
      <Viewers health={health} />
    </dl>
  );
}

function Viewers({ health }: { health: Health | undefined }) {
  const bridge = health?.bridge;
  if (bridge?.state !== "up" || bridge.viewers === undefined)
    return (
      <Tile name={strings.tiles.viewers} hint={bridge && strings.bridge[bridge.state]}>
        {strings.unknown}
      </Tile>
    );
  return (
    <Tile
      name={strings.tiles.viewers}
      hint={bridge.viewersMax ? strings.viewersOf(bridge.viewersMax) : strings.bridge.up}
    >
      {formatNumber(bridge.viewers)}
    </Tile>
  );
}

function Tile({ name, children, hint }: { name: string; children: ReactNode; hint: ReactNode }) {
  return (
    <div className="card dash-tile">
      <dt>{name}</dt>
      <dd>
        <span className="dash-value">{children || "…"}</span>
        <span className="hint">{hint || "\u00a0"}</span>
      </dd>
    </div>
  );
}
