import type { LiveSocketOptions } from "./liveSocket";

export const PAUSED_AFTER = 60_000;
export const POLL_EVERY = 15_000;

/** What the page is told, and does, from the loss of its connection until the next one stands. */
export function createOutage({ onStatus, onRefetch }: Pick<LiveSocketOptions, "onStatus" | "onRefetch">) {
  let down = false;
  let paused = false;
  let announcing: ReturnType<typeof setTimeout> | undefined;
  let pausing: ReturnType<typeof setTimeout> | undefined;
  let polling: ReturnType<typeof setInterval> | undefined;

  const poll = () => {
    if (paused && document.visibilityState === "visible") onRefetch();
  };
  const pause = () => {
    paused = true;
    onStatus("paused");
    poll();
    polling = setInterval(poll, POLL_EVERY);
  };
  const announce = () => {
    announcing = undefined;
    onStatus("reconnecting");
  };
  return {
    /** Tells of it unless it is over within `grace` milliseconds. May be called again and again while it lasts. */
    begin(grace = 0) {
      if (grace > 0 && !down) announcing = setTimeout(announce, grace);
      if (grace === 0 && (!down || announcing !== undefined)) {
        clearTimeout(announcing);
        announce();
      }
      if (!down) pausing = setTimeout(pause, PAUSED_AFTER);
      down = true;
    },
    end() {
      clearTimeout(announcing);
      clearTimeout(pausing);
      clearInterval(polling);
      announcing = undefined;
      down = paused = false;
    },
    poll,
  };
}
