export const LONGEST_WAIT = 10_000;
const FIRST_WAIT = 1_000;

/** Milliseconds before try number `attempt` (from 0): anywhere between none and twice the last bound ("full jitter"), so that clients cut off together don't come back together. */
export function backoff(attempt: number, random = Math.random): number {
  return random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
}
