/** A name as words that are compared: cut apart, in Latin letters, particles read as one spelling. Version with every change. */
import {
  ASSIMILATED,
  LEGAL_FORMS,
  NUMBERS,
  PARTICLES,
  SELDOM_NUMBERS,
  SHORT_LEGAL_FORMS,
  TRADE_WORDS,
  WordFlag,
} from './particles.ts';
import { Reading } from './reading.ts';
import { romanise } from './romanise.ts';
import { SPELLINGS } from './spellings.ts';

/** Of the rules by which names become words; stored with each index and each answer. */
export const NORMALISER_VERSION = 3;

/** Longest name that is read, in UTF-16 units; what follows is left unread. */
export const MAX_NAME = 1_024;
/** Words of a name that are compared. */
export const MAX_WORDS = 24;
/** Letters of a word that are compared. */
export const MAX_WORD = 32;

/** A written word and what stands around it. */
export interface Token {
  /** In lower case, without signs that are not read. */
  readonly word: string;
  /** As written. */
  readonly written: string;
  /** A hyphen or apostrophe follows at once. */
  readonly joinsNext: boolean;
  /** Stands before the comma that parts a family name from the rest. */
  readonly beforeComma: boolean;
}

export interface Word {
  /** Letters a to z and digits. */
  readonly text: string;
  /** Of WordFlag. */
  readonly flags: number;
}

/** A word with the token that it came from. */
export interface NameWord extends Word {
  readonly token: Token;
}

const PLAIN = /^[\x20-\x7e]*$/u;
/** Signs without a look of their own: soft hyphens, joiners, marks of direction, variation selectors. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\u200e\u200f\u061c]/gu;
const APOSTROPHES = /['`\u00b4\u02b0-\u02ff\u2018\u2019\u201b\u2032\u05f3]/u;
const PIECES =
  /[\p{L}\p{M}\p{N}]+(?:['`\u00b4\u02b0-\u02ff\u2018\u2019\u201b\u2032\u05f3][\p{L}\p{M}\p{N}]+)*|,/gu;
const PLAIN_PIECES = /[A-Za-z0-9]+(?:['`][A-Za-z0-9]+)*|,/g;
/** Single letters with dots, as `A.B.C.`. */
const DOTTED = /(?<![\p{L}\p{N}])(?:\p{L}\.){2,}\p{L}?(?![\p{L}\p{N}])/gu;

/** Cuts a name into its words as written. */
export function tokensOf(name: string): readonly Token[] {
  let text = name.length > MAX_NAME ? name.slice(0, MAX_NAME) : name;
  const plain = PLAIN.test(text);
  if (!plain) text = text.normalize('NFKC').replace(UNSEEN, '');
  if (text.includes('.')) text = text.replace(DOTTED, (letters) => ` ${letters.replaceAll('.', '')} `);
  const tokens: Token[] = [];
  let comma = -1;
  for (const found of text.matchAll(plain ? PLAIN_PIECES : PIECES)) {
    const written = found[0];
    if (written === ',') {
      if (comma < 0) comma = tokens.length;
      continue;
    }
    const next = text.charAt(found.index + written.length);
    const word = written.toLowerCase();
    if (APOSTROPHES.test(written)) addQuoted(tokens, written, word, next);
    else tokens.push({ word, written, joinsNext: next === '-', beforeComma: false });
    if (tokens.length >= MAX_WORDS) break;
  }
  // One comma parts the family name; more of them list something.
  if (comma <= 0 || comma >= tokens.length || text.indexOf(',') !== text.lastIndexOf(',')) return tokens;
  return tokens.map((token, index) => (index < comma ? { ...token, beforeComma: true } : token));
}

/** `al'Dari` is article and name; `O'Brien`, `Sana'a` one word. */
function addQuoted(tokens: Token[], written: string, word: string, next: string): void {
  const at = word.search(APOSTROPHES);
  const head = word.slice(0, at);
  if (PARTICLES.get(head) === 'al' || (ASSIMILATED.has(head) && head.length > 1)) {
    tokens.push({ word: head, written: written.slice(0, at), joinsNext: true, beforeComma: false });
    const rest = word.slice(at + 1).replace(/[^\p{L}\p{M}\p{N}]/gu, '');
    tokens.push({ word: rest, written: written.slice(at + 1), joinsNext: next === '-', beforeComma: false });
    return;
  }
  // Hebrew reads its geresh, other scripts leave the apostrophe out.
  const whole = /[\u0590-\u05ff]/u.test(word) ? word : word.replace(/[^\p{L}\p{M}\p{N}]/gu, '');
  tokens.push({ word: whole, written, joinsNext: next === '-', beforeComma: false });
}

/** The article with a letter too many, before its hyphen. */
const SLIPPED_ARTICLE = /^(?:[a-z][ae]l|[ae]l[a-z])$/;
const ORDINAL = /^0*(\d+)(?:st|nd|rd|th)$/;
const DIGITS = /^\d+$/;
/** `abd` grown together with the name of God that follows; the article takes on its first letter. */
const ABD = /^abd(?:[aeiou]{0,2})(?:([lrsnzdtj])\1?|l)(?=[a-z]{3})/;
const ABD_ALLAH = /^abd(?:[aou]*l)l?a[hk]?$/;
const ULLAH = /^([a-z]{4,}?)[aeou]{1,2}l+ah?$/;
const UDDIN = /^([a-z]{3,}?)(?:[aeiou]{1,2}d|[aeou]{1,2}l?)d(?:i|ee|ie|y|ei|ii)ne?$/;

/** Particles grown together with what follows: `Vanderbilt`, `Delacruz`. */
const VAN_DER = /^van(der|den|de)([a-z]{4,})$/;
const DE_LA = /^de(la|los)([a-z]{4,})$/;

/** The words of one romanised word: what other spellings write apart is cut apart. */
function cut(text: string): readonly string[] {
  if (text.length < 5) return [text];
  if (ABD_ALLAH.test(text)) return ['abd', 'allah'];
  if (text.startsWith('abd')) {
    const abd = ABD.exec(text);
    // `abdelaziz`, `abdurrahman`, `abdirahman`; not `abdi` or `abdou`.
    if (abd) {
      const taken = abd[1] ?? 'l';
      const rest = taken === 'l' ? text.slice(abd[0].length) : taken + text.slice(abd[0].length);
      if (rest.length >= 3) return ['abd', rest];
    }
  }
  const [, particle, rest] = VAN_DER.exec(text) ?? DE_LA.exec(text) ?? [];
  if (particle !== undefined && rest !== undefined)
    return [text.startsWith('van') ? 'van' : 'de', particle, rest];
  const faith = UDDIN.exec(text)?.[1];
  if (faith !== undefined && text.length >= 7) return [faith, 'din'];
  const god = ULLAH.exec(text)?.[1];
  if (god !== undefined && text.length >= 7 && /l+ah$/.test(text)) return [god, 'allah'];
  return [text];
}

function flagsOf(text: string, unvowelled: boolean): number {
  let flags = unvowelled ? WordFlag.unvowelled : 0;
  if (DIGITS.test(text)) flags |= WordFlag.number;
  else if (text.length === 1) flags |= WordFlag.initial;
  if (TRADE_WORDS.has(text)) flags |= WordFlag.trade;
  return flags;
}

function plainWord(text: string, unvowelled: boolean): Word {
  const long = text.length > MAX_WORD ? text.slice(0, MAX_WORD) : text;
  const word = SPELLINGS.get(long) ?? long;
  const particle = PARTICLES.get(word);
  if (particle !== undefined) return { text: particle, flags: WordFlag.particle };
  const legal = LEGAL_FORMS.get(word);
  if (legal !== undefined) return { text: legal, flags: WordFlag.legalForm };
  const number = NUMBERS.get(word);
  if (number !== undefined && !SELDOM_NUMBERS.has(word)) return { text: number, flags: WordFlag.number };
  const ordinal = ORDINAL.exec(word)?.[1];
  if (ordinal !== undefined) return { text: ordinal, flags: WordFlag.number };
  if (DIGITS.test(word)) return { text: word.replace(/^0+(?=\d)/, ''), flags: WordFlag.number };
  return { text: word, flags: flagsOf(word, unvowelled) };
}

/** The words of a token, whatever stands around it: the same for lists and queries, and kept by whoever reads many names. */
export function wordsOfToken(
  word: string,
  joinsNext: boolean,
  reading: Reading = Reading.written,
): readonly Word[] {
  if (joinsNext && (ASSIMILATED.has(word) || SLIPPED_ARTICLE.test(word)))
    return [{ text: 'al', flags: WordFlag.particle }];
  return romanise(word, reading).flatMap(({ text, unvowelled }) => {
    if (PARTICLES.has(text)) return [plainWord(text, unvowelled)];
    return cut(text).map((part) => plainWord(part, unvowelled));
  });
}

/** Letters of the longest legal form that is one at the end of a name alone. */
export const LONGEST_END_FORM = 4;

/** A short legal form at the end of a name, where it is one. */
export function legalFormAtEnd(word: Word, index: number, count: number): Word {
  if (index !== count - 1 || count < 2 || word.text.length > LONGEST_END_FORM) return word;
  const legal = SHORT_LEGAL_FORMS.get(word.text);
  return legal === undefined ? word : { text: legal, flags: WordFlag.legalForm };
}

/**
 * The words of a name, at most MAX_WORDS; Han characters in Mandarin where no other reading is asked for. `ofToken` gives those of a token,
 * where somebody keeps them.
 */
export function wordsOf(
  name: string,
  reading: Reading = Reading.written,
  ofToken = ({ word, joinsNext }: Token, reading: Reading): readonly Word[] =>
    wordsOfToken(word, joinsNext, reading),
): readonly NameWord[] {
  const words: NameWord[] = [];
  for (const token of tokensOf(name))
    for (const word of ofToken(token, reading)) words.push({ ...word, token });
  if (words.length > MAX_WORDS) words.length = MAX_WORDS;
  return words.map((word, index) => ({ ...word, ...legalFormAtEnd(word, index, words.length) }));
}
