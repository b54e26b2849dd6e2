/**
 * The best names of a segment for a query. Candidates are gathered until no other name can reach the cut (`candidates.ts`), then
 * scored from the highest bound down, until no bound is above the worst that is kept. Nothing above the cut is lost (MaxScore; Turtle
 * and Flood 1995).
 */
import { AgreementTable } from './agreement-table.ts';
import { Aligner } from './aligner.ts';
import { BestParties, type ScoredName } from './best-parties.ts';
import { BY_COMPOUND, Candidates } from './candidates.ts';
import type { Expanded } from './expanded.ts';
import type { PreparedName } from './query.ts';
import { QuerySide } from './query-side.ts';
import { leastMatched, ORDER_DIFFERS, scoreOf } from './score.ts';
import { NAME_LEFT, type Segment } from './segment.ts';

export interface SearchOptions {
  /** Lowest score that is given. */
  readonly cut: number;
  /** Parties given at most. */
  readonly limit: number;
  /** Points that a bearer may gain beyond its name. */
  readonly bonus: number;
  /** Lowest score of a name, whatever its bearer gains; 0 = none. */
  readonly floor: number;
  /** Score of an occurrence out of that of its name and of what agrees; negative = it may not be met. */
  readonly judge: (occurrence: number, score: number, matched: number) => number;
}

/** Levels into which candidates are sorted by their bound, a point each. */
const LEVELS = 101;

export class SegmentSearch {
  readonly #segment: Segment;
  readonly #candidates: Candidates;
  #bounds = new Uint8Array(4_096);
  readonly #start = new Uint32Array(LEVELS + 1);
  #slots = new Uint32Array(4_096);
  readonly #table: AgreementTable;
  readonly #aligner: Aligner;
  #expanded: Expanded | undefined;
  #side: QuerySide | undefined;

  constructor(segment: Segment) {
    this.#segment = segment;
    this.#candidates = new Candidates(segment);
    this.#table = new AgreementTable(segment.words);
    this.#aligner = new Aligner(segment);
  }

  search(
    name: PreparedName,
    expanded: Expanded,
    weights: Float32Array,
    options: SearchOptions,
  ): ScoredName[] {
    const side = this.#sideOf(name, expanded, weights);
    if (side.whole === 0) return [];
    const floor = Math.max(1, floorOf(options));
    // Initials are not looked up: each may be explained by whatever begins with it.
    const needed = (leastMatched(floor, side.whole) - side.initials) * (1 - 1e-6);
    this.#candidates.find(name, expanded, side, needed);
    return this.#best(side, needed, options);
  }

  /** The same name is mostly searched again with a lower cut. */
  #sideOf(name: PreparedName, expanded: Expanded, weights: Float32Array): QuerySide {
    if (!this.#side || this.#expanded !== expanded) {
      this.#side = new QuerySide(this.#segment, name, expanded, weights, this.#table);
      this.#expanded = expanded;
      this.#aligner.ask(this.#side);
    }
    return this.#side;
  }

  /** The best score that a candidate may come to, by what agrees and by what is left over of it for certain. */
  #boundOf(slot: number, side: QuerySide): number {
    const matched = Math.min(side.whole, (this.#candidates.sums[slot] as number) + side.initials);
    let left = 0;
    if (!side.hasInitials && ((this.#candidates.met[slot] as number) & BY_COMPOUND) === 0) {
      const whole = this.#segment.arrays.nameLeft[this.#candidates.names[slot] as number] as number;
      left = Math.max(0, whole / NAME_LEFT - (this.#candidates.explained[slot] as number));
    }
    return scoreOf(matched, side.whole - matched, left, 0);
  }

  /** Candidates that may reach `least`, from the highest bound down: sorted by whole points. */
  #byBound(side: QuerySide, needed: number, least: number): Uint32Array {
    if (this.#bounds.length < this.#candidates.count)
      this.#bounds = new Uint8Array(this.#candidates.names.length);
    const bounds = this.#bounds;
    const start = this.#start.fill(0);
    let count = 0;
    for (let slot = 0; slot < this.#candidates.count; slot++) {
      const bound = (this.#candidates.sums[slot] as number) < needed ? 0 : this.#boundOf(slot, side);
      if (bound < least) {
        bounds[slot] = 0;
        continue;
      }
      const level = LEVELS - Math.floor(bound);
      bounds[slot] = level;
      start[level] = (start[level] as number) + 1;
      count += 1;
    }
    for (let at = 0; at < LEVELS; at++) start[at + 1] = (start[at + 1] as number) + (start[at] as number);
    if (this.#slots.length < count) this.#slots = new Uint32Array(this.#candidates.names.length);
    const slots = this.#slots;
    for (let slot = 0; slot < this.#candidates.count; slot++) {
      const level = bounds[slot] as number;
      if (level === 0) continue;
      const place = start[level - 1] as number;
      start[level - 1] = place + 1;
      slots[place] = slot;
    }
    return slots.subarray(0, count);
  }

  #best(side: QuerySide, needed: number, options: SearchOptions): ScoredName[] {
    const best = new BestParties(options.limit);
    const slots = this.#byBound(side, needed, floorOf(options) - ROUNDING);
    if (slots.length > 0) side.fillTable();
    for (const slot of slots) {
      const least = Math.max(floorOf(options), best.isFull ? best.worst - options.bonus : 0) - ROUNDING;
      if (best.isFull) {
        // Of those that follow some are above by less than a point.
        const bound = this.#boundOf(slot, side);
        if (bound + 1 < least) break;
        if (bound < least) continue;
      }
      const mayBeCompound = ((this.#candidates.met[slot] as number) & BY_COMPOUND) !== 0;
      const name = this.#candidates.names[slot] as number;
      if (this.#aligner.read(name, mayBeCompound, least)) this.#offer(name, options, best);
    }
    return best.sorted();
  }

  /** Judges all who bear the name that was read. */
  #offer(name: number, { cut, bonus, judge }: SearchOptions, best: BestParties): void {
    const { bearerStart, bearers, occurrenceParty, familyWords } = this.#segment.arrays;
    const aligner = this.#aligner;
    let family = -1;
    let orderDiffers = false;
    const end = bearerStart[name + 1] as number;
    for (let at = bearerStart[name] as number; at < end; at++) {
      const occurrence = bearers[at] as number;
      const words = familyWords[occurrence] as number;
      if (words !== family) {
        orderDiffers = aligner.orderDiffers(words);
        family = words;
      }
      const score = orderDiffers ? aligner.afterNumbers * ORDER_DIFFERS : aligner.afterNumbers;
      if (score + bonus < cut || (best.isFull && score + bonus <= best.worst)) {
        // A million bearers of one name need not all be judged: where the order is no matter, none scores higher.
        if (!orderDiffers) break;
        continue;
      }
      const judged = judge(occurrence, score, aligner.matched);
      if (judged < cut) continue;
      best.offer(occurrenceParty[occurrence] as number, judged, () => ({
        name,
        occurrence,
        alignment: aligner.alignment(orderDiffers),
        score: judged,
      }));
    }
  }
}

/** Lowest score of a name that can be given. */
const floorOf = ({ cut, bonus, floor }: SearchOptions): number => Math.max(cut - bonus, floor);

/** Scores are computed in two ways, once as bounds. */
const ROUNDING = 1e-3;
