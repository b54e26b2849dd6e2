/** What a word weighs as evidence: the rarer among the names listed, the more. */
import { WordFlag } from './particles.ts';

/** Weights of words that tell little, whatever their number. */
const PARTICLE = 0.06;
const LEGAL_FORM = 0.08;
const TRADE = 0.55;
/** The most that an initial weighs. */
export const INITIAL_WEIGHT = 0.25;

/** Weight of a word that `frequency` of `names` names have: 0 to 1. */
export function weightOf(length: number, flags: number, frequency: number, names: number): number {
  if ((flags & WordFlag.particle) !== 0) return PARTICLE;
  if ((flags & WordFlag.legalForm) !== 0) return LEGAL_FORM;
  // From 1 for a word that no name has, to 0.2 and less for one that every thirtieth has.
  const all = Math.max(names, 1_000);
  const rarity = Math.max(0.15, Math.min(1, Math.log(all / (frequency + 1)) / Math.log(all)));
  if ((flags & WordFlag.initial) !== 0) return INITIAL_WEIGHT * rarity;
  const known = length <= 2 ? 0.5 : length === 3 ? 0.7 : length === 4 ? 0.9 : 1;
  return ((flags & WordFlag.trade) !== 0 ? TRADE : 1) * known * rarity;
}
