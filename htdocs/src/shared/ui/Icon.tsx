/* Drawn for a field of 24 by 24, in the colour of the text around. They say nothing by themselves: the name is the control's. */
const SHAPES = {
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm4.7-1.8L20 20",
  keyboard: "M4 6h16v12H4Zm3.5 4h.01m4.49 0h.01m4.49 0h.01M8 14.5h8",
  person: "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5a7.5 7.5 0 0 1 15 0",
  leave: "M14 4H6v16h8M10.5 12H21m-4-4 4 4-4 4",
  system: "M3.5 5h17v11h-17ZM8 20h8m-4-4v4",
  light:
    "M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM12 2v2m0 16v2M2 12h2m16 0h2M4.9 4.9l1.4 1.4m11.4 11.4 1.4 1.4m0-14.2-1.4 1.4M6.3 17.7l-1.4 1.4",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
  close: "m6 6 12 12M18 6 6 18",
  down: "m6 9 6 6 6-6",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon-shape" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
