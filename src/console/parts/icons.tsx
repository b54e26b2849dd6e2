/** Icons: one stroke, 24 by 24, drawn for this console. They never stand for a word alone unless a label says it. */
import type { ReactNode } from 'react';

const drawings = {
  bell: <path d="M12 4v1M7 10a5 5 0 0 1 10 0v4l1.5 2.5h-13L7 14zM10.500 19.500h3" />,
  board: <path d="M4 5h16v14H4zM4 10h16M9 10v9" />,
  compose: <path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4" />,
  drafts: <path d="M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h5" />,
  network: (
    <path d="M12 5a2 2 0 1 0 .01 0M5 17a2 2 0 1 0 .01 0M19 17a2 2 0 1 0 .01 0M11 8.500L6.500 16M13 8.500l4.500 7.500M8 19h8" />
  ),
  policy: <path d="M12 3l7 3v5c0 4.500-3 8-7 10-4-2-7-5.500-7-10V6zM9 12l2 2 4-4.500" />,
  hotline: (
    <path d="M6 4h3l1.500 4.500-2 1.500a11 11 0 0 0 5.500 5.500l1.500-2L20 15v3a2 2 0 0 1-2 2A14 14 0 0 1 4 6a2 2 0 0 1 2-2z" />
  ),
  oversight: <path d="M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6zM12 9.500a2.500 2.500 0 1 0 .01 0" />,
  administration: (
    <path d="M12 9a3 3 0 1 0 .01 0M12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2.200 2.200M16.200 16.200l2.200 2.200M18.400 5.600l-2.200 2.200M7.800 16.200l-2.200 2.200" />
  ),
  more: <path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth={3} />,
  user: <path d="M12 4a4 4 0 1 0 .01 0M4.500 20a7.500 7.500 0 0 1 15 0" />,
  check: <path d="M5 12.500l4.500 4.500L19 7" />,
  cross: <path d="M6 6l12 12M18 6L6 18" />,
  alert: <path d="M12 4l9 16H3zM12 10v4M12 17h.01" />,
  info: <path d="M12 3a9 9 0 1 0 .01 0M12 11v5M12 8h.01" />,
  lock: <path d="M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3" />,
  key: <path d="M8 11a4 4 0 1 0 .01 0M12 15h9M18 15v3M15 15v2" />,
  card: <path d="M3 6h18v12H3zM3 10h18M6 15h4" />,
  clock: <path d="M12 3a9 9 0 1 0 .01 0M12 7v5l3.500 2" />,
  map: <path d="M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14" />,
  list: <path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01" />,
  search: <path d="M11 4a7 7 0 1 0 .01 0M16 16l5 5" />,
  filter: <path d="M4 5h16l-6 8v6l-4-2v-4z" />,
  download: <path d="M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14" />,
  print: <path d="M7 8V4h10v4M7 17H4v-8h16v8h-3M7 14h10v6H7z" />,
  back: <path d="M15 5l-7 7 7 7" />,
  forward: <path d="M9 5l7 7-7 7" />,
  plus: <path d="M12 5v14M5 12h14" />,
  refresh: <path d="M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5" />,
  flash: <path d="M13 3L5 14h6l-1 7 8-11h-6z" fill="currentColor" />,
  chevrons: <path d="M6 12l6-6 6 6M6 18l6-6 6 6" />,
  chevron: <path d="M6 15l6-6 6 6" />,
  dash: <path d="M6 12h12" />,
  eye: <path d="M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6zM12 9.500a2.500 2.500 0 1 0 .01 0" />,
  hidden: (
    <path d="M4 4l16 16M9.500 6.400A9.600 9.600 0 0 1 12 6c5.500 0 9 6 9 6a16 16 0 0 1-2.600 3.300M6.300 8A16 16 0 0 0 3 12s3.500 6 9 6a9 9 0 0 0 3.600-.700" />
  ),
  recall: <path d="M4 9h10a5 5 0 0 1 0 10H8M4 9l4-4M4 9l4 4" />,
  send: <path d="M4 12l16-8-6 16-3-6zM11 14l9-10" />,
  offline: (
    <path d="M4 4l16 16M8.500 16.500a5 5 0 0 1 7 0M5 12.500a10 10 0 0 1 4-2.500M19 12.500a10 10 0 0 0-4.500-2.700M12 20h.01" />
  ),
  sun: (
    <path d="M12 8a4 4 0 1 0 .01 0M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600L19 19M19 5l-1.400 1.400M6.400 17.600L5 19" />
  ),
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof drawings;

/** Without a label it is decoration, and read out by nobody. */
export function Icon({ name, label }: { readonly name: IconName; readonly label?: string }) {
  const common = {
    className: 'icon',
    viewBox: '0 0 24 24',
    fill: 'none',
    stroke: 'currentColor',
    strokeWidth: 1.8,
    strokeLinecap: 'round',
    strokeLinejoin: 'round',
  } as const;
  return label === undefined ? (
    <svg {...common} aria-hidden="true" focusable="false">
      {drawings[name]}
    </svg>
  ) : (
    <svg {...common} role="img" aria-label={label}>
      {drawings[name]}
    </svg>
  );
}
