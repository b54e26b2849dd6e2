/**
 * What of a record rules turn on: its signed header, and the few facts of its facets that a rule names. Facts that cannot
 * be read make the record unreadable for policy, which denies it to everybody.
 */

import { ForgedEucSummary } from '../gen/tocsin/record/v1/forged_euc_alert.ts';
import type { DisclosedFacet, Header } from '../gen/tocsin/record/v1/header.ts';
import type { Marking } from '../gen/tocsin/record/v1/marking.ts';
import { Status } from '../gen/tocsin/record/v1/marking.ts';
import { SeizureSummary } from '../gen/tocsin/record/v1/seizure_notice.ts';
import { Attachments, Distribution, SensitivityClass } from '../gen/tocsin/record/v1/shared_facets.ts';
import { Tasking, TaskingType } from '../gen/tocsin/record/v1/tasking.ts';
import { ScreeningMode, WatchlistStatus, WatchlistSummary } from '../gen/tocsin/record/v1/watchlist_entry.ts';
import { type FacetClass, kindOf, type SignedHeader, TASKING } from '../record/index.ts';
import type { Attributes } from './engine.ts';
import * as word from './vocabulary.ts';

/** The originator's permission to pass a record on, as read from a record of kind `onward-consent`. */
export interface Consent {
  readonly facets: readonly string[];
  /** Node ids. */
  readonly to: readonly string[];
  readonly expiresMs: number;
}

/** A record that may be shared: all facets of it that this node holds. */
export interface SharedRecord {
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
  /** Where this node is not the originator: the consent that it relies on, if any. */
  readonly consent?: Consent;
  /** For a record of kind `link`: whether both of its ends are disclosed to the partner. Absent = to nobody. */
  readonly endsDisclosedTo?: (partner: string) => boolean;
}

/** One facet of the record's kind. */
export interface FacetFact {
  readonly name: string;
  readonly class: FacetClass;
  /** Its bytes are at hand. */
  readonly held: boolean;
  /** The marking names it (`alsoFacets`). */
  readonly named: boolean;
}

/** Facts of a record, the same for every partner and time. */
export interface RecordFacts {
  readonly header: Header;
  readonly marking: Marking;
  /** Receipt, recall, consent or disclosure. */
  readonly control: boolean;
  readonly facets: readonly FacetFact[];
  /** Attributes of the Cedar entity, without those that depend on partner and time. */
  readonly attributes: Attributes;
}

/** Undefined where kind, marking or a facet that a rule needs cannot be read. */
export function recordFacts(record: Pick<SharedRecord, 'signed' | 'facets'>): RecordFacts | undefined {
  const { header } = record.signed;
  const { marking } = header;
  const row = kindOf(header.kind);
  if (marking === undefined || row === undefined) return undefined;
  const markingWords = wordsOf(marking, header);
  if (markingWords === undefined) return undefined;
  const bodies = new Map(record.facets.map((facet) => [facet.facet, facet.body]));
  const content = contentFacts(header.kind, bodies);
  if (content === undefined) return undefined;
  const facets: FacetFact[] = [];
  for (const { facet: name } of header.commitments) {
    const facetRow = row.facets.find((candidate) => candidate.name === name);
    const facetClass = facetRow && effectiveClass(name, facetRow.class, bodies.get(name));
    if (facetClass === undefined) return undefined;
    facets.push({
      name,
      class: facetClass,
      held: bodies.has(name),
      named: marking.alsoFacets.includes(name),
    });
  }
  return {
    header,
    marking,
    control: row.control,
    facets,
    attributes: {
      kind: header.kind,
      originator: header.originator,
      local: row.local,
      exercise: marking.status !== Status.STATUS_ACTUAL,
      releasableTo: marking.releasableTo,
      ...markingWords,
      ...content,
    },
  };
}

/** Undefined where any number has no word here. */
function wordsOf(marking: Marking, header: Header): Attributes | undefined {
  const single = {
    tlp: word.tlpWord(marking.tlp),
    onward: word.onwardWord(marking.onward),
    evidence: word.evidenceWord(marking.evidence),
    priority: word.priorityWord(header.priority),
    deskGroup: word.deskGroupWord(header.deskGroup),
  };
  const { tlp, onward, evidence, priority, deskGroup } = single;
  const handling = all(marking.handling, word.handlingWord);
  const purposes = all(marking.purposes, word.purposeWord);
  if (tlp === undefined || onward === undefined || evidence === undefined) return undefined;
  if (priority === undefined || deskGroup === undefined) return undefined;
  if (handling === undefined || purposes === undefined) return undefined;
  if (word.statusWord(marking.status) === undefined) return undefined;
  return { tlp, onward, evidence, priority, deskGroup, handling, purposes };
}

function all(
  numbers: readonly number[],
  wordOf: (number: number) => string | undefined,
): string[] | undefined {
  const found: string[] = [];
  for (const number of numbers) {
    const one = wordOf(number);
    if (one === undefined) return undefined;
    found.push(one);
  }
  return found;
}

const UNLISTED: ReadonlySet<number> = new Set([
  WatchlistStatus.WATCHLIST_STATUS_SUSPENDED,
  WatchlistStatus.WATCHLIST_STATUS_DELISTED,
]);

/** Facts of facets (R10b, R11, R12, R15); undefined where a facet does not decode. An absent facet states nothing. */
function contentFacts(kind: string, bodies: ReadonlyMap<string, Uint8Array>): Attributes | undefined {
  const empty = new Uint8Array();
  const summary = bodies.get('summary') ?? empty;
  try {
    const euc = kind === 'forged-euc-alert' ? ForgedEucSummary.decode(summary) : undefined;
    const seizure = kind === 'seizure-notice' ? SeizureSummary.decode(summary) : undefined;
    const entry = kind === 'watchlist-entry' ? WatchlistSummary.decode(summary) : undefined;
    const tasking = kind === TASKING ? Tasking.decode(bodies.get(TASKING) ?? empty) : undefined;
    return {
      purportedIssuer: euc?.purportedIssuer ?? '',
      officialsSuspected: euc?.officialComplicitySuspected ?? false,
      amnesty: seizure?.amnesty ?? false,
      listed: entry === undefined || !UNLISTED.has(entry.status),
      refer: entry?.screeningMode === ScreeningMode.SCREENING_MODE_REFER,
      referral: tasking?.type === TaskingType.TASKING_TYPE_REFERRED_HIT,
      excluded: Distribution.decode(bodies.get('distribution') ?? empty).exclusions,
    };
  } catch {
    return undefined;
  }
}

const CLASS_OF_ATTACHMENT: ReadonlyMap<number, FacetClass> = new Map([
  [SensitivityClass.SENSITIVITY_CLASS_SUMMARY, 'A'],
  [SensitivityClass.SENSITIVITY_CLASS_OPERATIONAL, 'A'],
  [SensitivityClass.SENSITIVITY_CLASS_COMMERCIAL, 'A'],
  [SensitivityClass.SENSITIVITY_CLASS_PERSONAL, 'P'],
]);

/** Attachments take the class of the strictest facet that they illustrate; one of unknown class stays here. */
function effectiveClass(
  name: string,
  facetClass: FacetClass,
  body: Uint8Array | undefined,
): FacetClass | undefined {
  if (facetClass !== 'A' || name !== 'attachments' || body === undefined) return facetClass;
  try {
    const classes = Attachments.decode(body).files.map((file) => CLASS_OF_ATTACHMENT.get(file.class) ?? 'N');
    return classes.includes('N') ? 'N' : classes.includes('P') ? 'P' : 'A';
  } catch {
    return undefined;
  }
}
