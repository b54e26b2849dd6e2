/**
 * What the board shows, asked of the nodes themselves over their desks: the originator's policy says what each partner should
 * see and by which rule, the partner's own store says what it holds. A difference between the two is a fault.
 */
import { hex } from '../../base/bytes.ts';
import { type Desk, DeskCallError } from '../../desk/index.ts';
import { LinkState } from '../../gen/tocsin/desk/v1/network_service.ts';
import type { GetRecordResponse } from '../../gen/tocsin/desk/v1/record_service.ts';
import { Status, Tlp } from '../../gen/tocsin/record/v1/marking.ts';
import { openOfficerDesk } from '../desk-access.ts';
import { nameOf } from '../names.ts';
import type { Board, BoardLink, BoardNode, BoardRecord, Cell, PartnerRow } from './board.ts';
import { type Federation, officerDir, type Post } from './federation.ts';
import { CAST, memberOf, NETWORK_NAME } from './story.ts';
import type { Proved } from './trials/proved.ts';

/** gRPC status NOT_FOUND: also what an officer may not know of. */
const NOT_FOUND = 5;

/** A record of the story as it was released. */
export interface Told {
  readonly key: string;
  readonly originator: string;
  readonly desk: string;
  readonly headerDigest: Uint8Array;
  readonly recordId: Uint8Array;
  /** Known in exercise mode alone. */
  readonly exercise: boolean;
}

/** Open desks of every officer of the demo, in one world. */
export class Desks implements Disposable {
  readonly #federation: Federation;
  readonly #exercise: boolean;
  readonly #desks = new Map<string, Desk>();
  #drill: Desks | undefined;

  constructor(federation: Federation, exercise = false) {
    this.#federation = federation;
    this.#exercise = exercise;
  }

  /** The desks that may know of such a record. */
  inWorldOf({ exercise }: { readonly exercise: boolean }): Desks {
    if (exercise === this.#exercise) return this;
    this.#drill ??= new Desks(this.#federation, exercise);
    return this.#drill;
  }

  of(id: string, desk: string, post: Post = 'officer'): Desk {
    const dir = officerDir(this.#federation, id, desk, post);
    const open = this.#desks.get(dir) ?? openOfficerDesk({ officer: dir, exercise: this.#exercise });
    this.#desks.set(dir, open);
    return open;
  }

  /** One desk of each group of a node. */
  allOf(id: string, post: Post = 'officer'): readonly Desk[] {
    return (memberOf(id)?.deskGroups ?? []).map((group) => this.of(id, group, post));
  }

  [Symbol.dispose](): void {
    this.#drill?.[Symbol.dispose]();
    for (const desk of this.#desks.values()) desk.close();
    this.#desks.clear();
  }
}

/** The record as a node holds it, and a desk of it that may know of it; undefined where none does. */
export async function deskHolding(
  desks: Desks,
  id: string,
  headerDigest: Uint8Array,
): Promise<{ readonly desk: Desk; readonly answer: GetRecordResponse } | undefined> {
  for (const desk of desks.allOf(id)) {
    try {
      return { desk, answer: await desk.records.getRecord({ headerDigest }) };
    } catch (error) {
      if (!(error instanceof DeskCallError) || error.status !== NOT_FOUND) throw error;
    }
  }
  return undefined;
}

async function partnerRow(
  desks: Desks,
  told: Told,
  own: GetRecordResponse,
  partner: string,
): Promise<PartnerRow> {
  const { view } = await desks
    .of(told.originator, told.desk, 'releaser')
    .policy.explain({ headerDigest: told.headerDigest, partner });
  const held = (await deskHolding(desks, partner, told.headerDigest))?.answer;
  const commitments = held?.verification?.commitments ?? [];
  const cells = (view?.facets ?? []).map((facet): Cell => {
    const here = commitments.find((one) => one.facet === facet.facet);
    return {
      facet: facet.facet,
      seen: held === undefined ? 'nothing' : here?.held === true && here.valid ? 'seen' : 'withheld',
      rule: facet.decision?.rule ?? '',
      reason: facet.decision?.reason ?? '',
    };
  });
  const deliveries = own.deliveries.filter(({ recipient }) => recipient === partner);
  return {
    partner,
    receives: held !== undefined,
    rule: view?.receive?.rule ?? '',
    reason: view?.receive?.reason ?? '',
    cells,
    delivery: [...new Set(deliveries.map(({ state }) => state))].join(' '),
  };
}

/** One record with a row for every partner. */
async function gatherRecord(all: Desks, told: Told): Promise<BoardRecord> {
  const desks = all.inWorldOf(told);
  const own = await desks
    .of(told.originator, told.desk, 'releaser')
    .records.getRecord({ headerDigest: told.headerDigest });
  const { record } = own;
  const local = record?.kind === 'hotline-report';
  const partners = CAST.map(({ id }) => id).filter((id) => id !== told.originator);
  return {
    title: record?.title ?? '',
    kind: record?.kind ?? '',
    originator: told.originator,
    tlp: `TLP:${nameOf(Tlp, 'TLP_', record?.tlp ?? 0)
      .toUpperCase()
      .replace('AMBER-STRICT', 'AMBER+STRICT')}`,
    exercise: record?.status === Status.STATUS_EXERCISE,
    revision: record?.revision ?? 0,
    recordId: hex(told.recordId),
    headerDigest: hex(told.headerDigest),
    facets: (own.verification?.commitments ?? []).map(({ facet }) => facet),
    partners: await Promise.all(partners.map((partner) => partnerRow(desks, told, own, partner))),
    local,
  };
}

async function gatherNode(
  desks: Desks,
  id: string,
): Promise<{ readonly node: BoardNode; readonly links: readonly BoardLink[] }> {
  const member = memberOf(id);
  const base = { id, name: member?.name ?? id, role: member?.role ?? '' };
  const desk = desks.of(id, member?.deskGroups[0] ?? '', 'releaser');
  try {
    const [status, log, links] = await Promise.all([
      desk.network.getNodeStatus({}, { timeoutMs: 5_000 }),
      desk.log.getLog({}, { timeoutMs: 5_000 }),
      desk.network.listLinks({}, { timeoutMs: 5_000 }),
    ]);
    const live = log.logs.find(({ own, origin }) => own && origin.includes('/live/'));
    const known = new Set<string>();
    for (const one of desks.allOf(id))
      for (const record of (await one.records.listRecords({ pageSize: 500 })).records)
        known.add(hex(record.headerDigest));
    return {
      node: {
        ...base,
        up: true,
        held: known.size,
        logSize: String(live?.size ?? 0n),
        logRoot: hex(live?.root ?? new Uint8Array()),
        alarms: status.alarms.length,
      },
      links: links.links.map((link) => ({
        from: id,
        to: link.partner,
        state: nameOf(LinkState, 'LINK_STATE_', link.state),
        sent: link.lanes.map((lane) => String(lane.sentSeq)).join(' + '),
        acknowledged: link.lanes.map((lane) => String(lane.acknowledgedSeq)).join(' + '),
        roundTripMs: link.roundTripMs,
      })),
    };
  } catch {
    return { node: { ...base, up: false, held: 0, logSize: '0', logRoot: '', alarms: 0 }, links: [] };
  }
}

export interface Gathering {
  readonly told: readonly Told[];
  readonly proved: readonly Proved[];
  /** Lines for the board, oldest first. */
  readonly happened: readonly string[];
  /** Only so many of the newest records; all where left out. */
  readonly newest?: number;
}

/** Asks for boards; a record whose deliveries are closed is not asked for again. */
export function createGatherer(
  desks: Desks,
  federation: Federation,
): (gathering: Gathering) => Promise<Board> {
  const closed = new Map<string, BoardRecord>();
  const recordOf = async (one: Told): Promise<BoardRecord> => {
    const known = closed.get(hex(one.headerDigest));
    if (known !== undefined) return known;
    const record = await gatherRecord(desks, one);
    if (record.partners.every(({ delivery }) => delivery === '' || delivery === 'receipted'))
      closed.set(record.headerDigest, record);
    return record;
  };
  return async ({ told, proved, happened, newest = told.length }) => {
    const nodes = await Promise.all(Object.keys(federation.deskPorts).map((id) => gatherNode(desks, id)));
    const records: BoardRecord[] = [];
    for (const one of told.slice(-newest)) records.push(await recordOf(one));
    return {
      network: NETWORK_NAME,
      digest: federation.networkDigest,
      broker: `127.0.0.1:${federation.brokerPort}`,
      nodes: nodes.map(({ node }) => node),
      links: nodes.flatMap(({ links }) => links),
      records,
      earlier: told.length - records.length,
      proved,
      happened,
    };
  };
}
