/**
 * The same list as XML in the Advanced Sanctions List Standard (`SDN_ADVANCED.XML`): parties, places, papers and sanctions stand
 * apart and name each other by number, and what the numbers of types mean stands in the file's own reference value sets.
 */
import { refuse } from './errors.ts';
import {
  countEntries,
  ListEntries,
  type ListFormat,
  onlyFile,
  type PartyKind,
  type Reading,
  type ReadOptions,
} from './list.ts';
import { type OfacDocument, openOfacDocument } from './ofac-document.ts';
import { ofacPartyOf } from './ofac-party.ts';
import { entryOf } from './party.ts';
import { childrenIn } from './un-names.ts';
import type { XmlElement } from './xml.ts';
import { canonicalXml } from './xml-canonical.ts';

const ROOT = 'Sanctions';
const KINDS: ReadonlyMap<string, PartyKind> = new Map([
  ['Entity', 'entity'],
  ['Individual', 'person'],
  ['Vessel', 'vessel'],
  ['Aircraft', 'aircraft'],
]);

function* readOfacAdvanced(files: readonly Uint8Array[], options: ReadOptions): Reading {
  const document = yield* openOfacDocument(onlyFile(files), ROOT);
  const { parties } = document;
  countEntries(parties.length);
  const lists = document.listNames();
  if (lists.length > 0 && !lists.some((name) => /\bSDN\b/.test(name) && !/non-SDN/i.test(name)))
    throw refuse(
      'WRONG_ROOT',
      'expected the list of specially designated nationals, got another of the same form',
    );
  const entries = new ListEntries('ofac:', options);
  for (const [index, party] of parties.entries()) {
    addParty(entries, document, document.read(party), index, options);
    yield;
  }
  return {
    ...entries.finish(),
    title: 'OFAC SDN list',
    ...(document.issuedAt !== undefined && { generatedAt: document.issuedAt }),
    edition: document.edition,
    whole: true,
    rows: parties.length,
  };
}

function addParty(
  entries: ListEntries,
  document: OfacDocument,
  element: XmlElement,
  index: number,
  { nowMs }: ReadOptions,
): void {
  const place = `DistinctParty[${index}]`;
  const [profile] = childrenIn(element, 'Profile');
  const id = profile?.attributes.get('ID') ?? '';
  const kind = profile && KINDS.get(document.partyType(profile));
  if (!profile || kind === undefined)
    entries.fault(
      `${place}.Profile`,
      'TYPE',
      'expected a profile of an individual, entity, vessel or aircraft',
    );
  if (!entries.claim(id, place, 'Profile') || !profile || kind === undefined) return;
  const { party, papers, places } = ofacPartyOf(document, profile, kind);
  party.notes.push(['comment', childrenIn(element, 'Comment')[0]?.text ?? '']);
  const sanctions = document.sanctionsOf(id);
  const programmes = document.programmesOf(sanctions);
  const since = document.listedSince(sanctions);
  entries.add({
    ...entryOf(party, {
      reasons: ['national-sanction'],
      ...(since && { since }),
      nowMs,
      comment: `Listed by the Office of Foreign Assets Control of the United States: ${programmes}. Taken over, not assessed.`,
      handle: `OFAC SDN list, number ${id}`,
      fileNumber: `ofac:${id}`,
      provenance: `OFAC SDN list of ${document.edition}, advanced form, entry ${id}, programmes ${programmes}`,
    }),
    id,
    kind,
    place,
    says: [element, ...papers, ...places, ...sanctions].map((one) => canonicalXml(one)),
  });
}

export const OFAC_ADVANCED: ListFormat = { read: readOfacAdvanced };
