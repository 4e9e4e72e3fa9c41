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
    polling = setInterval(poll, POLL_EVERY);
    onStatus("paused");
    poll();
  };
  const announce = () => {
    announcing = undefined;
    onStatus("reconnecting");
  };
  return {
    /** Tells of it unless it is over within `grace` milliseconds. May be called again and again while it lasts. */
    begin(grace = 0) {
      const isNew = !down;
      down = true;
      if (isNew) pausing = setTimeout(pause, PAUSED_AFTER);
      if (isNew && grace > 0) announcing = setTimeout(announce, grace);
      else if (grace === 0 && (isNew || announcing !== undefined)) {
        clearTimeout(announcing);
        announce();
      }
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
