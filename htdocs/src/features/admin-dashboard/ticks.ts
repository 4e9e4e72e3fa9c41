/** Round values from 0 up to `max` or past it, about `count` steps: what an axis is labelled with. `smallest` is the least step that can be written. */
export function ticks(max: number, count: number, smallest: number): number[] {
  const wanted = max / count;
  const power = 10 ** Math.floor(Math.log10(Math.max(wanted, smallest)));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= wanted) ?? 10 * power;
  return Array.from({ length: Math.max(1, Math.ceil(max / step - 1e-9)) + 1 }, (_, index) => index * step);
}
