/** Records that say an unmistakable word in every text of every facet, to be looked for where they must not be. */
import { exampleContent, type Json } from './contents.ts';

export const CANARY = 'kestrelcanary';
/** Group that the records are released to: the only part of a marking that travels as text, beside the condition. */
export const CANARY_GROUP = 'canary-region';

/** Texts without a form of their own. */
const FREE_TEXTS = new Set([
  'text',
  'comment',
  'notes',
  'handle',
  'access',
  'fileNumber',
  'caption',
  'declaredDescription',
  'suspectedOffence',
  'statute',
  'model',
  'authority',
  'transaction',
  'headline',
  'description',
  'instruction',
  'signatoryOffice',
  'item',
  'reference',
  'legalForm',
  'instrument',
]);

function planted(value: Json, word: string): Json {
  if (Array.isArray(value)) return value.map((one) => planted(one, word));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      FREE_TEXTS.has(key) && typeof one === 'string' ? `${word} ${one.length}` : planted(one, word),
    ]),
  );
}

/** Content of a kind with the canary of each facet in it, released to CANARY_GROUP under a condition that is one too. */
export function canaryContent(kind: string, nowMs: number): { [key: string]: Json } {
  const { deskGroup: _, facets, ...content } = exampleContent(kind, nowMs) as { [key: string]: Json };
  const marked = Object.entries(facets as { [key: string]: Json }).map(([name, facet]) => [
    name,
    planted(facet, `${CANARY} ${name}`),
  ]);
  const marking = { handling: ['h3'], condition: `${CANARY} marking`, releasableTo: [CANARY_GROUP] };
  return { ...content, marking, facets: Object.fromEntries(marked) };
}
