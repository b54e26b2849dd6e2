/**
 * The demo's board as lines of text: who sent what, who sees which facet and why, receipts, logs, links. Pure: the model in,
 * lines out, so that the live board, the final print and the README's picture are one thing.
 */
import { clip, displayWidth, formatTable, shown } from '../print.ts';

/** What a partner has of one facet. */
export type Seen = 'seen' | 'withheld' | 'nothing';

export interface Cell {
  readonly facet: string;
  readonly seen: Seen;
  /** Rule that decided, as `R8`. */
  readonly rule: string;
  readonly reason: string;
}

export interface PartnerRow {
  readonly partner: string;
  /** Whether the partner knows that the record exists, and by which rule. */
  readonly receives: boolean;
  readonly rule: string;
  readonly reason: string;
  readonly cells: readonly Cell[];
  /** `receipted`, `sent`, `waiting`, `refused` … or empty where nothing is sent. */
  readonly delivery: string;
}

export interface BoardRecord {
  readonly title: string;
  readonly kind: string;
  readonly originator: string;
  readonly tlp: string;
  readonly exercise: boolean;
  readonly revision: number;
  readonly recordId: string;
  readonly headerDigest: string;
  readonly facets: readonly string[];
  readonly partners: readonly PartnerRow[];
  /** The kind never leaves its node. */
  readonly local: boolean;
}

export interface BoardNode {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly up: boolean;
  readonly held: number;
  readonly logSize: string;
  readonly logRoot: string;
  readonly alarms: number;
}

export interface BoardLink {
  readonly from: string;
  readonly to: string;
  readonly state: string;
  readonly sent: string;
  readonly acknowledged: string;
  readonly roundTripMs: number;
}

export interface Board {
  readonly network: string;
  readonly digest: string;
  readonly broker: string;
  readonly nodes: readonly BoardNode[];
  /** Oldest first. */
  readonly records: readonly BoardRecord[];
  /** Records before those. */
  readonly earlier: number;
  readonly links: readonly BoardLink[];
  /** What went wrong, and what was found true of it. */
  readonly proved: readonly { readonly title: string; readonly facts: readonly string[] }[];
  /** What happened last, oldest first. */
  readonly happened: readonly string[];
}

const MARK: Readonly<Record<Seen, string>> = { seen: '●', withheld: '○', nothing: '–' };

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Columns of facets that some partner sees; what all are refused is said in one line, which keeps the table narrow. */
function splitFacets(record: BoardRecord): {
  readonly columns: readonly string[];
  readonly withheld: string[];
} {
  const receiving = record.partners.filter(({ receives }) => receives);
  const cellsOf = (name: string) =>
    receiving.flatMap(({ cells }) => cells.filter(({ facet }) => facet === name));
  const isRefusedToAll = (name: string) =>
    receiving.length > 0 && cellsOf(name).every(({ seen }) => seen !== 'seen');
  return {
    columns: record.facets.filter((name) => !isRefusedToAll(name)),
    withheld: record.facets
      .filter(isRefusedToAll)
      .map((name) => `${name} ${[...new Set(cellsOf(name).map((cell) => cell.rule))].join('/')}`),
  };
}

/** Every reason of a refusal, once, in the order of its rule. */
function reasonLines(record: BoardRecord): string[] {
  const reasons = new Map<string, Set<string>>();
  const add = (rule: string, reason: string) =>
    reasons.set(rule, (reasons.get(rule) ?? new Set()).add(shown(reason)));
  for (const partner of record.partners) {
    if (!partner.receives) add(partner.rule, partner.reason);
    else for (const cell of partner.cells) if (cell.seen !== 'seen') add(cell.rule, cell.reason);
  }
  const order = new Intl.Collator('en', { numeric: true }).compare;
  return [...reasons]
    .sort(([a], [b]) => order(a, b))
    .flatMap(([rule, texts]) => [...texts].map((text) => `${rule}: ${text}`));
}

/** One record: a row a partner, a column a facet, the deciding rule beside every refusal, and the rules in words below. */
export function recordLines(record: BoardRecord): string[] {
  const title = `${record.kind}  ${record.originator}  ${shown(record.title)}`;
  const facts = [
    record.tlp,
    `revision ${record.revision}`,
    ...(record.exercise ? ['EXERCISE'] : []),
    `header ${record.headerDigest.slice(0, 16)}…`,
  ].join(' · ');
  if (record.local) return [title, `  ${facts}`, '  stays at its node: this kind is never sent'];
  const { columns, withheld } = splitFacets(record);
  const rows = record.partners.map((partner) => [
    partner.partner,
    ...columns.map((name) => {
      const cell = partner.cells.find((one) => one.facet === name);
      if (!partner.receives || cell === undefined) return MARK.nothing;
      return cell.seen === 'seen' ? MARK.seen : `${MARK[cell.seen]} ${cell.rule}`;
    }),
    partner.receives ? partner.delivery : `nothing at all (${partner.rule})`,
  ]);
  return [
    title,
    `  ${facts}`,
    ...formatTable(['', ...columns, 'receipt'], rows).map((line) => `  ${line}`),
    ...(withheld.length > 0 ? [`  ○ from all: ${withheld.join(', ')}`] : []),
    ...reasonLines(record).map((line) => `    ${line}`),
  ];
}

export function nodeLines(board: Board): string[] {
  return formatTable(
    ['node', 'name', 'role', 'state', 'records', 'log', 'root', 'links', 'alarms'],
    board.nodes.map((node) => [
      node.id,
      shown(node.name),
      node.role,
      node.up ? 'up' : 'down',
      String(node.held),
      plural(Number(node.logSize), 'leaf').replace('leafs', 'leaves'),
      node.logRoot.slice(0, 12),
      `${board.links.filter(({ from, state }) => from === node.id && state === 'up').length} of ${board.nodes.length - 1} up`,
      node.alarms === 0 ? '–' : String(node.alarms),
    ]),
  );
}

/** Links as a square: how many parcels were sent in lane 0 and lane 1, whether all are acknowledged, the round trip. */
export function linkLines(board: Board): string[] {
  const ids = board.nodes.map(({ id }) => id);
  const cell = (from: string, to: string): string => {
    const link = board.links.find((one) => one.from === from && one.to === to);
    if (link === undefined) return from === to ? '·' : '?';
    const open = link.sent === link.acknowledged ? '✓' : `(${link.acknowledged})`;
    const sent = /[1-9]/.test(link.sent) ? [link.sent, open] : ['–'];
    const state = link.state === 'up' ? `${link.roundTripMs} ms` : link.state;
    return [...sent, state].join(' ').replaceAll(' + ', '+');
  };
  return formatTable(
    ['from', ...ids.map((id) => `to ${id}`)],
    ids.map((from) => [from, ...ids.map((to) => cell(from, to))]),
  );
}

const rule = (title: string): string => `── ${title} ${'─'.repeat(Math.max(2, 96 - displayWidth(title)))}`;

const TITLE = {
  nodes: rule('nodes'),
  records: rule('records: who sees what, and why (● seen  ○ withheld  – nothing at all)'),
  links: rule('links: parcels sent in lane 0 + lane 1 (✓ all acknowledged), round trip'),
  proved: rule('what went wrong, or had to last, and what the network made of it'),
  happened: rule('what happened'),
} as const;

const headline = (board: Board): string =>
  `${board.network} · network digest ${board.digest.slice(0, 16)}… · broker ${board.broker}`;

/** What was put to the test, and what was found true on the way. */
export const provedLines = ({ proved }: Board): string[] =>
  proved.flatMap(({ title, facts }) => [title, ...facts.map((fact) => `  ✓ ${fact}`)]);

/** The whole board, for reading afterwards. */
export const boardLines = (board: Board): string[] => [
  headline(board),
  '',
  TITLE.nodes,
  ...nodeLines(board),
  '',
  TITLE.records,
  ...board.records.flatMap((record) => [...recordLines(record), '']),
  TITLE.links,
  ...linkLines(board),
  ...(board.proved.length > 0 ? ['', TITLE.proved, ...provedLines(board)] : []),
];

/**
 * The board for a screen of this size: nodes and what happened last always, the newest record next, then links and earlier
 * records as far as there is room. No line is longer than the screen is wide.
 */
export function screenLines(
  board: Board,
  screen: { readonly rows: number; readonly columns: number },
): string[] {
  const head = [headline(board), '', TITLE.nodes, ...nodeLines(board), ''];
  const happened = [TITLE.happened, ...board.happened.slice(screen.rows >= 55 ? -12 : -6)];
  let room = screen.rows - head.length - happened.length;
  const take = (lines: readonly string[]): string[] => {
    if (lines.length > room) return [];
    room -= lines.length;
    return [...lines];
  };
  const [newest, ...older] = [...board.records].reverse();
  const first =
    newest === undefined ? [] : [TITLE.records, ...recordLines(newest), ''].slice(0, Math.max(0, room));
  room -= first.length;
  const links = take([TITLE.links, ...linkLines(board), '']);
  const earlier: string[] = [];
  let hidden = board.earlier + older.length;
  for (const record of older) {
    // One line stays for the count of what is not shown.
    const lines = [...recordLines(record), ''];
    if (lines.length >= room) break;
    earlier.push(...take(lines));
    hidden -= 1;
  }
  const rest = hidden > 0 ? take([`(${plural(hidden, 'earlier record')} not shown)`]) : [];
  const proved = board.proved.length > 0 ? take([TITLE.proved, ...provedLines(board), '']) : [];
  const body = [...head, ...first, ...earlier, ...rest, ...links, ...proved];
  // What happened stands at the foot of the screen, where it does not move.
  const gap = new Array<string>(Math.max(0, screen.rows - body.length - happened.length)).fill('');
  return [...body, ...gap, ...happened].slice(0, screen.rows).map((line) => clip(line, screen.columns));
}
