/** One query over all levels of an index: the best parties of each, together, with why. */
import { BANDS, bandOf } from './bands.ts';
import type { ScoredName } from './best-parties.ts';
import { Expanded } from './expanded.ts';
import { explain } from './explain.ts';
import { factPoints, MOST_FACTS, notCompared } from './facts.ts';
import type { Level } from './level.ts';
import { isOfKorea, readingsOf } from './name-readings.ts';
import { WordFlag } from './particles.ts';
import type { NameAnswer, NameHit, NameQuery } from './party.ts';
import { type PreparedName, prepareName } from './query.ts';
import type { QueryWord } from './query-word.ts';
import type { QueryWords } from './query-words.ts';
import { comparable, isKorean, isUnusual, Reading } from './reading.ts';
import type { SearchOptions } from './search.ts';
import { NO_END, type Segment } from './segment.ts';
import { countryFact, kindOf, NAME_KINDS, readingOf, SUBJECTS } from './segment-draft.ts';
import { MOST_PARTIES, together } from './together.ts';
import { weightOf } from './weight.ts';

/** Cuts tried before a lower one that is asked for: where enough is above one of them, nothing below it need be read. */
const STAGES = [60];

/** How far below the cut the nearest entry is looked for, and how low at most. */
const NEAREST_WITHIN = 30;
const LOWEST_NEAREST = 35;

/** Initials of a query that count: any name may explain one, so that many of them would have all names read. */
const MOST_INITIALS = 4;

/** A weak alias is worth so much of a name. */
const WEAK_ALIAS = 0.9;
/** Weight that a name's matched words have together before it counts in full. */
const ENOUGH_EVIDENCE = 0.95;
const LITTLE_EVIDENCE = 0.35;
/** A ship's name changes with its owner and is borne by others: alone it makes no more than a lead. */
const MOST_OF_SHIP = BANDS.probable - 0.1;

const VESSEL = SUBJECTS.indexOf('vessel');
const WEAK = NAME_KINDS.indexOf('weak');

/**
 * A name in an unusual reading has to agree by so much more than the cut, up to what its spelling by rule reaches: a Chinese name that is
 * tried in six ways would otherwise be like somebody's twice as often.
 */
const READING_MARGIN = 12;
const MOST_FOR_READING = 95;

const leastUnusual = (cut: number): number => Math.max(cut, Math.min(cut + READING_MARGIN, MOST_FOR_READING));

const KOREAS = ['KP', 'KR'].map(countryFact);

interface Found {
  readonly level: Level;
  readonly scored: ScoredName;
}

/** The best parties of all levels by a name in each of its readings. */
export function searchLevels(levels: readonly Level[], query: NameQuery, words: QueryWords): NameAnswer {
  if (levels.length === 0) return { hits: [] };
  // A Korean reading is asked for whoever says so; of others it meets those who are listed with such a country.
  const readings = readingsOf(query.name, true);
  const answers = readings.map((reading) => {
    const name = prepareName(query.name, words, reading);
    return name.words.length === 0 ? { hits: [] } : new Search(levels, query, name, reading).answer();
  });
  return answers.length === 1 ? (answers[0] as NameAnswer) : together(answers, query.limit);
}

class Search {
  readonly #levels: readonly Level[];
  readonly #query: NameQuery;
  readonly #name: PreparedName;
  readonly #expanded: readonly Expanded[];
  /** Names in all levels. */
  readonly #names: number;
  readonly #weights: Float32Array;
  readonly #reading: Reading;

  constructor(levels: readonly Level[], query: NameQuery, name: PreparedName, reading: Reading) {
    this.#reading = reading;
    this.#levels = levels;
    this.#query = query;
    this.#name = name;
    this.#expanded = levels.map((level) => new Expanded(name, level.expander));
    this.#names = levels.reduce((sum, { segment }) => sum + segment.names, 0);
    let initials = 0;
    this.#weights = Float32Array.from(name.looked, (word, index) => {
      if ((word.flags & WordFlag.initial) !== 0 && ++initials > MOST_INITIALS) return 0;
      return weightOf(word.to, word.flags, this.#frequency(index), this.#names);
    });
  }

  answer(): NameAnswer {
    const { cut = BANDS.look, limit = MOST_PARTIES, nearest } = this.#query;
    const hits = this.#found(cut, limit).map((one) => this.#hit(one));
    if (nearest !== true) return { hits };
    const below = this.#found(Math.max(LOWEST_NEAREST, cut - NEAREST_WITHIN), limit + 1).find(
      ({ scored }) => scored.score < cut,
    );
    return { hits, ...(below && { nearestBelow: this.#hit(below) }) };
  }

  /** Names that have a word of the query, in a spelling that counts as the same: as it sounds, or else in any. */
  #frequency(word: number): number {
    const asked = this.#name.looked[word] as QueryWord;
    const near = this.#levels.reduce((sum, { expander }) => sum + expander.frequencyOf(asked), 0);
    return near > 0 ? near : this.#expanded.reduce((sum, one) => sum + one.single(word).frequency, 0);
  }

  #found(cut: number, limit: number): Found[] {
    const hasFacts = this.#query.born !== undefined || (this.#query.countries ?? []).length > 0;
    const bonus = hasFacts ? MOST_FACTS : 0;
    let found: Found[] = [];
    for (const stage of [...STAGES.filter((one) => one > cut), cut]) {
      found = this.#levels.flatMap((level, index) =>
        level.search
          .search(this.#name, this.#expanded[index] as Expanded, this.#weights, {
            cut: stage,
            limit,
            bonus,
            floor: isUnusual(this.#reading) ? leastUnusual(cut) : 0,
            judge: judgeOf(this.#query, level.segment, hasFacts, this.#reading, cut),
          })
          .map((scored) => ({ level, scored })),
      );
      if (found.length >= limit) break;
    }
    found.sort((a, b) => b.scored.score - a.scored.score);
    if (found.length > limit) found.length = limit;
    return found;
  }

  #hit({ level, scored }: Found): NameHit {
    const { segment } = level;
    const { occurrenceParty, occurrenceKind, subject, factStart, facts, nameWords, nameStart, wordWeight } =
      segment.arrays;
    const party = occurrenceParty[scored.occurrence] as number;
    const known = facts.subarray(factStart[party], factStart[party + 1]);
    const occurrence = occurrenceKind[scored.occurrence] as number;
    const kind = kindOf(occurrence);
    const { evidence, weak } = lossesOf(
      scored.alignment.score,
      scored.alignment.matched,
      kind === WEAK,
      subject[party] === VESSEL,
    );
    const text = segment.text(scored.occurrence);
    const words = [...nameWords.subarray(nameStart[scored.name], nameStart[scored.name + 1])];
    const score = Math.round(scored.score * 10) / 10;
    const band = bandOf(score);
    return {
      id: segment.id(party),
      name: { text, kind: NAME_KINDS[kind] ?? 'primary' },
      score,
      ...(band && { band }),
      lines: explain({
        name: this.#name,
        listed: text,
        reading: readingOf(occurrence),
        weights: this.#weights,
        listedWeights: words.map((word) => wordWeight[word] as number),
        alignment: scored.alignment,
        oneIn: (word) => {
          const frequency = this.#frequency(word);
          return frequency === 0 ? undefined : Math.max(1, Math.round(this.#names / frequency));
        },
        weakAlias: weak,
        littleEvidence: evidence,
        facts: factPoints(this.#query, known),
        score,
      }),
      notCompared: notCompared(this.#query, known),
    };
  }
}

/** Points that a weak alias and little evidence take off. */
function lossesOf(
  score: number,
  matched: number,
  isWeak: boolean,
  isShip: boolean,
): { evidence: number; weak: number } {
  const weak = isWeak ? -score * (1 - WEAK_ALIAS) : 0;
  const short = Math.max(0, 1 - matched / ENOUGH_EVIDENCE);
  const left = (score + weak) * (1 - LITTLE_EVIDENCE * short);
  return { weak, evidence: (isShip ? Math.min(left, MOST_OF_SHIP) : left) - score - weak };
}

/** Judges an occurrence: whether it may be met, and what its party's facts add. */
function judgeOf(
  query: NameQuery,
  { arrays }: Segment,
  hasFacts: boolean,
  reading: Reading,
  cut: number,
): SearchOptions['judge'] {
  const subject =
    query.subject === undefined || query.subject === 'unknown' ? 0 : SUBJECTS.indexOf(query.subject);
  const seconds = query.nowMs === undefined ? -1 : query.nowMs / 1_000;
  const least = leastUnusual(cut);
  const onlyOfKorea = isKorean(reading) && !isOfKorea(query.countries);
  return (occurrence, score, matched) => {
    const party = arrays.occurrenceParty[occurrence] as number;
    if (arrays.removed[party] !== 0) return -1;
    const kind = arrays.occurrenceKind[occurrence] as number;
    if (reading !== Reading.written && !comparable(reading, readingOf(kind))) return -1;
    if (score < least && (isUnusual(reading) || isUnusual(readingOf(kind)))) return -1;
    if (onlyOfKorea && !isListedInKorea(arrays, party)) return -1;
    if (query.classes && !query.classes.has(arrays.policyClass[party] as number)) return -1;
    if (subject !== 0 && arrays.subject[party] !== subject && arrays.subject[party] !== 0) return -1;
    const end = arrays.notAfter[party] as number;
    if (seconds >= 0 && end !== NO_END && seconds > end) return -1;
    const { evidence, weak } = lossesOf(
      score,
      matched,
      kindOf(kind) === WEAK,
      arrays.subject[party] === VESSEL,
    );
    const name = score + weak + evidence;
    if (!hasFacts) return name;
    const facts = arrays.facts.subarray(arrays.factStart[party], arrays.factStart[party + 1]);
    return Math.max(0, Math.min(100, name + factPoints(query, facts).points));
  };
}

function isListedInKorea({ facts, factStart }: Segment['arrays'], party: number): boolean {
  const end = factStart[party + 1] as number;
  for (let at = factStart[party] as number; at < end; at++)
    if (KOREAS.includes(facts[at] as number)) return true;
  return false;
}
