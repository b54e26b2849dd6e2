/**
 * The demo's board as lines of text: who sent what, who sees which facet and why, receipts, logs, links. Pure: the model in,
 * lines out, so that the live board, the final print and the README's picture are one thing.
 */
import { displayWidth, formatTable, shown } from '../print.ts';

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
  readonly records: readonly BoardRecord[];
  readonly links: readonly BoardLink[];
  /** What happened last, oldest first. */
  readonly happened: readonly string[];
}

const MARK: Readonly<Record<Seen, string>> = { seen: '●', withheld: '○', nothing: '–' };

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** One record: a row a partner, a column a facet, the deciding rule beside every refusal, and the rules in words below. */
export function recordLines(record: BoardRecord): string[] {
  const title = `${record.kind}  ${record.originator}  ${shown(record.title)}`;
  const facts = [
    record.tlp,
    `revision ${record.revision}`,
    ...(record.exercise ? ['EXERCISE'] : []),
    `header ${record.headerDigest.slice(0, 16)}…`,
  ].join(' · ');
  if (record.local) return [title, `  ${facts}`, '  stays at its node: this kind is never sent', ''];
  const header = ['', ...record.facets, 'receipt'];
  const rows = record.partners.map((partner) => [
    partner.partner,
    ...record.facets.map((name) => {
      const cell = partner.cells.find((one) => one.facet === name);
      if (!partner.receives || cell === undefined) return MARK.nothing;
      return cell.seen === 'seen' ? MARK.seen : `${MARK[cell.seen]} ${cell.rule}`;
    }),
    partner.receives ? partner.delivery : `nothing at all (${partner.rule})`,
  ]);
  const reasons = new Map<string, string>();
  for (const partner of record.partners) {
    if (!partner.receives) reasons.set(partner.rule, partner.reason);
    else for (const cell of partner.cells) if (cell.seen !== 'seen') reasons.set(cell.rule, cell.reason);
  }
  return [
    title,
    `  ${facts}`,
    ...formatTable(header, rows).map((line) => `  ${line}`),
    ...[...reasons].sort().map(([rule, reason]) => `    ${rule}: ${shown(reason)}`),
    '',
  ];
}

export function nodeLines(board: Board): string[] {
  return formatTable(
    ['node', 'name', 'role', 'state', 'records', 'log', 'root', 'alarms'],
    board.nodes.map((node) => [
      node.id,
      shown(node.name),
      node.role,
      node.up ? 'up' : 'down',
      String(node.held),
      plural(Number(node.logSize), 'leaf').replace('leafs', 'leaves'),
      node.logRoot.slice(0, 12),
      node.alarms === 0 ? '–' : String(node.alarms),
    ]),
  );
}

export function linkLines(board: Board): string[] {
  return formatTable(
    ['link', 'state', 'sent', 'acknowledged', 'round trip'],
    board.links.map((link) => [
      `${link.from} → ${link.to}`,
      link.state,
      link.sent,
      link.acknowledged,
      link.roundTripMs > 0 ? `${link.roundTripMs} ms` : '–',
    ]),
  );
}

const rule = (title: string): string => `── ${title} ${'─'.repeat(Math.max(0, 96 - displayWidth(title)))}`;

/** The whole board. `maxRecords` newest records are shown in full. */
export function boardLines(
  board: Board,
  options: { readonly maxRecords: number; readonly links: boolean },
): string[] {
  const records = board.records.slice(-options.maxRecords);
  const hidden = board.records.length - records.length;
  return [
    `${board.network} · network digest ${board.digest.slice(0, 16)}… · broker ${board.broker}`,
    '',
    rule('nodes'),
    ...nodeLines(board),
    '',
    rule('records: who sees what, and why (● seen  ○ withheld  – nothing at all)'),
    ...(hidden > 0 ? [`(${plural(hidden, 'earlier record')} not shown)`, ''] : []),
    ...records.flatMap(recordLines),
    ...(options.links ? [rule('links (lane 0 + lane 1)'), ...linkLines(board), ''] : []),
    rule('what happened'),
    ...board.happened.slice(-12),
  ];
}
