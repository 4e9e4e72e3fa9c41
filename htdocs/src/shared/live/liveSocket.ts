import type { LiveEvent } from "../api/types";
import { backoff, LONGEST_WAIT } from "./backoff";
import { createOutage } from "./outage";
import { addressOf, type Frame, frameOf, LATER, leave, type Place, RENEW, SIGN_IN } from "./wire";

export type LiveStatus = "live" | "reconnecting" | "paused" | "signed-out";

export interface LiveSocketOptions {
  onEvent: (event: LiveEvent) => void;
  /** Something may have been missed: fetch again what is shown. */
  onRefetch: () => void;
  onStatus: (status: LiveStatus) => void;
  /** Close code 4401: the session has ended. Nothing more is tried or told. */
  onSignedOut: () => void;
}

export interface LiveSocket {
  close: () => void;
}

/** A first or renewed connection is mostly there within this time: nothing to tell. */
const GRACE = 1_000;
const LATER_WAIT = 2_000;
const HIDDEN_WAIT = 30_000;
/** A connection that lasted this long was a good one: the next try is a first one. */
const STEADY_AFTER = 5_000;
const HELLO_WITHIN = 15_000;
const PONG_WITHIN = 5_000;

/** The live channel /ws for as long as its owner wants it: comes back by itself, resumes where it was, and asks for a refetch where it can't. */
export function createLiveSocket(options: LiveSocketOptions): LiveSocket {
  const outage = createOutage(options);
  let socket: WebSocket | undefined;
  /** The last event that came: where to go on. */
  let place: Place | undefined;
  let heartbeat = 25;
  let attempt = 0;
  let liveSince: number | undefined;
  /** Behind the hello of a place that can't be resumed comes a reset: one refetch is enough for both. */
  let resetFollows = false;
  /** The next try while there is no socket, its watchdog while there is one. */
  let timer: ReturnType<typeof setTimeout> | undefined;

  const after = (wait: number, run: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
  const lostSilently = () => lost(0);

  function connect() {
    after(HELLO_WITHIN, lostSilently);
    try {
      socket = new WebSocket(addressOf(place), "orders.v1");
      socket.onmessage = (message) => onFrame(frameOf(message.data));
      socket.onclose = (event) => lost(event.code);
    } catch {
      lostSilently();
    }
  }

  function lost(code: number) {
    leave(socket);
    socket = undefined;
    const wasSteady = liveSince !== undefined && Date.now() - liveSince >= STEADY_AFTER;
    liveSince = undefined;
    if (code === SIGN_IN) {
      stop();
      options.onStatus("signed-out");
      options.onSignedOut();
      return;
    }
    if (wasSteady) attempt = 0;
    const renewal = code === RENEW && wasSteady;
    after(renewal ? 0 : waitBefore(attempt++, code), connect);
    outage.begin(renewal ? GRACE : 0);
  }

  function onFrame(frame: Frame | undefined) {
    if (frame?.type === "hello") heartbeat = frame.heartbeat;
    after(2_000 * heartbeat, lostSilently);
    if (!frame) return;
    const missed = frame.type === "hello" ? !frame.resumed : frame.type === "reset" && !resetFollows;
    resetFollows = frame.type === "hello" && missed && place !== undefined;
    if (frame.epoch) place = { epoch: frame.epoch, seq: frame.seq };
    else if (place && frame.seq > place.seq) place.seq = frame.seq;
    if (frame.type === "hello") {
      liveSince = Date.now();
      outage.end();
      options.onStatus("live");
    }
    // No socket: the owner has closed when it was told.
    if (missed && socket) options.onRefetch();
    if (frame.id) options.onEvent(frame as LiveEvent);
  }

  /** The network or the reader is back: no waiting; and a connection that may have died meanwhile has to show that it hasn't. */
  function wake() {
    if (!socket) {
      attempt = 0;
      connect();
    } else if (liveSince !== undefined) {
      socket.send('{"type":"ping"}');
      after(PONG_WITHIN, lostSilently);
    }
    outage.poll();
  }
  const onVisible = () => document.visibilityState === "visible" && wake();

  function stop() {
    clearTimeout(timer);
    outage.end();
    leave(socket);
    socket = undefined;
    removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", onVisible);
  }

  addEventListener("online", wake);
  document.addEventListener("visibilitychange", onVisible);
  outage.begin(GRACE);
  // Not at once: an owner that closes again in the same breath (StrictMode) makes no connection.
  after(0, connect);
  return { close: stop };
}

function waitBefore(attempt: number, code: number) {
  const wait = Math.min(LONGEST_WAIT, backoff(attempt) + (code === LATER ? LATER_WAIT : 0));
  // Nobody looks: slowly, so that forgotten pages are no load. Becoming visible tries at once.
  return document.visibilityState === "hidden" ? HIDDEN_WAIT + 3 * wait : wait;
}
