/**
 * What of a name is compared in private screening: not the name, which may be spelled in many ways, but 3 to 8 keys that spellings
 * of one name share. Both sides make them alike, so they depend on nothing but the name and their version.
 */
import { utf8 } from '../../base/bytes.ts';
import { WordFlag } from '../names/particles.ts';
import { consonantsOf, patternOf } from '../names/sound.ts';
import { NORMALISER_VERSION, wordsOf } from '../names/words.ts';
import { isCommon } from './common-words.ts';

/** Of the rules below. Keys of another version, or of names read by another normaliser, never meet. */
export const PRIVATE_KEYS_VERSION = 1;

/** As both sides compare it: keys of other rules never meet. */
export const KEY_RULES = `${PRIVATE_KEYS_VERSION}.${NORMALISER_VERSION}`;

/** Keys of a name at most; also how many travel in one call, whatever the name has. */
export const KEYS_PER_CALL = 8;

/** Characters of an identifier that are compared. */
const MOST_IDENTIFIER = 64;

/** What a key is made of; `pair` is of words, `pair-sounds` of their consonants. */
export type PrivateKeyKind = 'words' | 'sounds' | 'consonants' | 'pair' | 'pair-sounds' | 'identifier';

export interface PrivateKey {
  readonly kind: PrivateKeyKind;
  /** Canonical: version, kind, parts in order. */
  readonly bytes: Uint8Array;
  /** Of words that very many bear: such keys say something together, and count once. */
  readonly common: boolean;
}

interface Telling {
  readonly text: string;
  readonly pattern: string;
  readonly consonants: string;
  readonly common: boolean;
  /** May stand in a pair: numbers and trade words may not. */
  readonly pairs: boolean;
}

/** Consonants of two words together below which they are shared by chance. */
const LEAST_PAIR_CONSONANTS = 5;

const keyOf = (kind: PrivateKeyKind, parts: readonly string[], common: boolean): PrivateKey => ({
  kind,
  bytes: utf8(`tocsin/private-key/${KEY_RULES}\n${kind}\n${parts.join(' ')}`),
  common,
});

const inOrder = (parts: readonly string[]): readonly string[] => [...parts].sort();

const DROPPED = WordFlag.particle | WordFlag.legalForm | WordFlag.initial;

function tellingWords(name: string): readonly Telling[] {
  const seen = new Set<string>();
  const words: Telling[] = [];
  for (const { text, flags } of wordsOf(name)) {
    if ((flags & DROPPED) !== 0 || text === '' || seen.has(text)) continue;
    seen.add(text);
    const pattern = patternOf(text);
    const consonants = consonantsOf(pattern);
    const isWeak = (flags & (WordFlag.number | WordFlag.trade)) !== 0;
    words.push({
      text,
      pattern,
      consonants,
      common: isWeak || isCommon(pattern, consonants),
      pairs: !isWeak,
    });
  }
  return words;
}

/** The rarest words first, as far as a name alone tells: those not borne by many, then the longer ones. */
const byRarity = (a: Telling, b: Telling): number =>
  Number(a.common) - Number(b.common) ||
  b.consonants.length - a.consonants.length ||
  b.text.length - a.text.length ||
  (a.text < b.text ? -1 : 1);

/** Pairs of a name's rarest words, at least one of the two not borne by many. */
function pairsOf(words: readonly Telling[]): readonly (readonly [Telling, Telling])[] {
  const [first, second, third] = words.filter(({ pairs }) => pairs).sort(byRarity);
  if (first === undefined || second === undefined) return [];
  const all: (readonly [Telling, Telling])[] = [[first, second]];
  if (third !== undefined) all.push([first, third], [second, third]);
  return all.filter(([a, b]) => !(a.common && b.common));
}

/** The keys of a name, without those that say the same; none where no word of it tells anything. */
export function privateKeys(name: string): readonly PrivateKey[] {
  const words = tellingWords(name);
  if (words.length === 0) return [];
  // One word, whatever it is, is not a whole name.
  const common = words.length < 2 || words.every((word) => word.common);
  const keys = [
    keyOf('words', inOrder(words.map(({ text }) => text)), common),
    keyOf('sounds', inOrder(words.map(({ pattern }) => pattern)), common),
    keyOf('consonants', inOrder(words.map(({ consonants }) => consonants).filter(Boolean)), common),
  ];
  const pairs = pairsOf(words);
  for (const [a, b] of pairs.slice(0, 2)) keys.push(keyOf('pair', inOrder([a.text, b.text]), false));
  for (const [a, b] of pairs)
    if (a.consonants.length + b.consonants.length >= LEAST_PAIR_CONSONANTS)
      keys.push(keyOf('pair-sounds', inOrder([a.consonants, b.consonants]), false));
  return keys.slice(0, KEYS_PER_CALL);
}

/** Of which list of numbers one is: documents of persons with their country, registers of bodies, ships, aircraft. */
export type PrivateScheme = 'document' | 'entity' | 'imo' | 'mmsi' | 'icao24' | 'aircraft-serial';

/** A number that stands for one thing alone. */
export interface PrivateIdentifier {
  readonly scheme: PrivateScheme;
  /** Country that gave it, where the scheme has one: ISO 3166-1 alpha-2. */
  readonly country?: string;
  readonly value: string;
}

/** The key of an identifier; undefined where fewer than four letters and digits are left of it. */
export function identifierKey({ scheme, country = '', value }: PrivateIdentifier): PrivateKey | undefined {
  const folded = value
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, MOST_IDENTIFIER);
  if (folded.length < 4) return undefined;
  return keyOf('identifier', [scheme, country.toUpperCase(), folded], false);
}
