/** Paths on a grid of 24, drawn with a line. */
const PATHS = {
  accounts: 'M4 4h6v6H4zM14 14h6v6h-6zM14 4h6v6h-6zM7 10v7h7',
  alert: 'M12 8v5m0 3.5v.1M10.3 3.9 2.4 17.5A2 2 0 0 0 4.1 20.5h15.8a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0Z',
  book: 'M4 5.5A2.5 2.5 0 0 1 6.5 3H20v15H6.5A2.5 2.5 0 0 0 4 20.5m0-15v15A2.5 2.5 0 0 0 6.5 21H20v-3',
  calendar: 'M4 6h16v14H4zM4 10h16M8 3v5m8-5v5m-7 8 2 2 4-4',
  candles: 'M7 3v3m0 9v5M5 6h4v9H5zM17 4v4m0 6v6M15 8h4v6h-4z',
  chain: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.6-5.7l-1.2 1.2M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.6 5.7l1.2-1.2',
  chart: 'M4 4v16h16M8 15l4-5 3 3 5-7',
  check: 'M5 12.5 10 17 19 7',
  chevron: 'm9 6 6 6-6 6',
  clock: 'M12 7v5l3 2m6-2a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  close: 'M6 6l12 12M18 6 6 18',
  cog: 'M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM12 2v3m0 14v3M2 12h3m14 0h3M4.9 4.9 7 7m10 10 2.1 2.1M19.1 4.9 17 7M7 17l-2.1 2.1',
  compare: 'M7 4v16m0 0-3-3m3 3 3-3M17 20V4m0 0-3 3m3-3 3 3',
  dash: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
  exit: 'M14 4h5v16h-5M10 12h9M10 12l3-3m-3 3 3 3M5 4v16',
  export: 'M12 15V4m0 0L8 8m4-4 4 4M4 15v5h16v-5',
  filter: 'M4 5h16l-6 8v6l-4-2v-4L4 5Z',
  heart: 'M3 12h4l2-5 4 10 2-5h6',
  journal: 'M6 3v18M6 5h12M6 12h9M6 19h12M4.5 5h3M4.5 12h3M4.5 19h3',
  key: 'M14 10a4 4 0 1 0-3.5 4L12 16h2v2h2v2h4v-3l-6-6Z',
  layers: 'm12 3 9 5-9 5-9-5 9-5Zm-9 9.5 9 5 9-5M3 16.5l9 5 9-5',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1',
  live: 'M12 12h.1M8.5 15.5a5 5 0 0 1 0-7m7 7a5 5 0 0 0 0-7M5.6 18.4a9 9 0 0 1 0-12.8m12.8 12.8a9 9 0 0 0 0-12.8',
  menu: 'M4 7h16M4 12h16M4 17h16',
  moon: 'M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5Z',
  order: 'M5 4h14v16l-3-2-2 2-2-2-2 2-2-2-3 2V4ZM9 9h6M9 13h6',
  pen: 'm4 20 1-5L16 4l4 4L9 19l-5 1Zm9-13 4 4',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9a6 6 0 0 1 12 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5a6 6 0 0 1 3 5.5',
  plan: 'M5 6h5m4 0h5M10 3.5v5M5 12h9m4 0h1M14 9.5v5M5 18h3m4 0h7M8 15.5v5',
  play: 'M7 5v14l11-7L7 5Z',
  plug: 'M9 3v5m6-5v5M6 8h12v3a6 6 0 0 1-12 0V8Zm6 9v4',
  power: 'M12 3v8M7 6a8 8 0 1 0 10 0',
  question: 'M9.5 9a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .9-1 1.7m0 3v.1M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  receipt: 'M7 3h10v18H7zM10 7h4M10 11h4M10 15h2',
  refresh: 'M20 11a8 8 0 0 0-14.5-4L4 9m0-5v5h5M4 13a8 8 0 0 0 14.5 4L20 15m0 5v-5h-5',
  scale: 'M12 4v16M7 20h10M5 7h14M5 7l-3 7h6L5 7Zm14 0-3 7h6l-3-7Z',
  search: 'm20 20-4.5-4.5M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Z',
  shield: 'M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6l-7-3Zm-3 9 2 2 4-4',
  status: 'M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18Zm-4-9 3 3 5-6',
  stop: 'M7 7h10v10H7z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.4 1.4m11.2 11.2L19 19M19 5l-1.4 1.4M6.4 17.6 5 19',
  target: 'M12 12h.1M12 17a5 5 0 1 0 0-10 5 5 0 0 0 0 10Zm0 4a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  test: 'M9 3h6M10 3v6l-5 9a2 2 0 0 0 1.8 3h10.4a2 2 0 0 0 1.8-3l-5-9V3M8 15h8',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 8a7 7 0 0 1 14 0',
  wallet: 'M4 7a2 2 0 0 1 2-2h11v4M4 7v11a2 2 0 0 0 2 2h14V9H6a2 2 0 0 1-2-2Zm12.5 7.5h.1',
} as const;

/** The names of the icons. */
export type IconName = keyof typeof PATHS;

/** A line icon next to a text; hidden from a screen reader, which reads the text. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): React.ReactElement {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
