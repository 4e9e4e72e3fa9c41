import type { PointerEvent } from "react";
import { formatMoney } from "../../shared/format/format";
import { strings } from "../../strings/adminDashboard";
import { formatCompactMoney, formatDay, formatShortDay, smallestUnit } from "./formats";
import { bestOf, type RevenueDay } from "./revenueDays";
import { ticks } from "./ticks";

interface RevenueChartProps {
  days: RevenueDay[];
  currency: string;
  total: number;
  /** The day that is pointed at. */
  at: number | undefined;
  onPoint: (at: number | undefined) => void;
}

const percent = (part: number) => `${100 * part}%`;
const DAYS_A_LABEL = 7;

/** All places are percentages, so that the drawing fits any width and its letters keep their size. Over it lies an invisible range: pointer, finger and arrow keys
    go through the days by the browser's own means, and a screen reader reads each day's value. */
export function RevenueChart({ days, currency, total, at, onPoint }: RevenueChartProps) {
  const best = bestOf(days);
  const values = ticks(best?.revenue ?? 0, 3, smallestUnit(currency));
  const top = values.at(-1) ?? 1;
  const last = days.length - 1;
  const spoken = days[at ?? last];
  const money = (amount: number) => formatMoney(amount, currency);

  const point = (event: PointerEvent<HTMLInputElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onPoint(Math.max(0, Math.min(last, Math.floor(((event.clientX - left) / width) * days.length))));
  };
  return (
    <div className="dash-plot">
      <svg
        role="img"
        aria-label={strings.chart(
          days.length,
          money(total),
          best ? strings.bestDay(formatDay(best.date), money(best.revenue)) : "",
        )}
      >
        {values.map((value) => (
          <g key={value}>
            <line x2="100%" y1={percent(1 - value / top)} y2={percent(1 - value / top)} />
            <text x={-8} y={percent(1 - value / top)} dy="0.35em" textAnchor="end">
              {formatCompactMoney(value, currency)}
            </text>
          </g>
        ))}
        {days.map(({ date, revenue }, index) => (
          <g key={date}>
            <rect
              className={index === at ? "dash-bar dash-bar-at" : "dash-bar"}
              x={percent((index + 0.15) / days.length)}
              width={percent(0.7 / days.length)}
              y={percent(1 - revenue / top)}
              height={percent(revenue / top)}
              rx={2}
            >
              <title>{`${formatDay(date)}: ${money(revenue)}`}</title>
            </rect>
            {(last - index) % DAYS_A_LABEL === 0 && (
              <text
                className={(last - index) % (2 * DAYS_A_LABEL) === 0 ? undefined : "dash-axis-odd"}
                x={percent(index === last ? 1 : (index + 0.5) / days.length)}
                y="100%"
                dy="1.5em"
                textAnchor={index === last ? "end" : "middle"}
              >
                {formatShortDay(date)}
              </text>
            )}
          </g>
        ))}
      </svg>
      <input
        type="range"
        min={0}
        max={last}
        value={at ?? last}
        aria-label={strings.dayPointer}
        aria-valuetext={spoken && strings.dayValue(formatDay(spoken.date), money(spoken.revenue), spoken.orders)}
        onChange={(event) => onPoint(event.target.valueAsNumber)}
        onFocus={() => onPoint(at ?? last)}
        onBlur={() => onPoint(undefined)}
        onPointerMove={point}
        onPointerLeave={(event) => document.activeElement !== event.currentTarget && onPoint(undefined)}
      />
    </div>
  );
}
