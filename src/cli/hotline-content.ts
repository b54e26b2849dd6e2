/** Reports and warnings as the hotline's verbs write them: what is proposed, and what of a report may not stand in a warning. Pure. */

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

/** A record's content in its JSON form. */
export interface Content extends JsonObject {
  readonly facets: JsonObject;
}

const HOUR_MS = 3_600_000;
/** Without letters and digits that are mistaken for each other when they are read out. */
const NUMBER_SIGNS = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Random, for the caller to name when he calls again; `below` draws evenly. 8 signs are about 39 bits. */
export function newReportNumber(below: (limit: number) => number): string {
  const signs = Array.from({ length: 8 }, () => NUMBER_SIGNS[below(NUMBER_SIGNS.length)]).join('');
  return `${signs.slice(0, 4)}-${signs.slice(4)}`;
}

/** The whole hour: the minute would tell who called (R9). */
export const wholeHour = (ms: number): string => new Date(Math.floor(ms / HOUR_MS) * HOUR_MS).toISOString();

/** A copy with fields of one facet set; the others stay. */
export function withFields(content: Content, facet: string, fields: JsonObject): Content {
  const before = content.facets[facet];
  return {
    ...content,
    facets: { ...content.facets, [facet]: { ...(isObject(before) ? before : {}), ...fields } },
  };
}

/** How a report's matter and pressure are said in a warning; nothing else is taken over from it but the region (R9). */
const EVENT_OF: Readonly<Record<string, string>> = {
  MOVEMENT: 'arms-movement',
  STOCK_THEFT: 'depot-loss',
  DOCUMENT: 'forged-documents',
  THREAT: 'ambush-or-raid',
};
const URGENCY_OF: Readonly<Record<string, string>> = { NOW: 'immediate', HOURS: 'expected' };

const codeIn = (summary: JsonObject, name: string, prefix: string): string =>
  String(summary[name] ?? '').replace(prefix, '');

/** What a warning says where nobody says otherwise; of a report's summary, in the desk's JSON, where there is one. */
export function proposedSummary(report: JsonObject | undefined, nowMs: number, hours: number): JsonObject {
  const region = report?.subdivision || report?.country;
  return {
    action: 'alert',
    ...(report && {
      event: EVENT_OF[codeIn(report, 'category', 'HOTLINE_CATEGORY_')] ?? 'trafficking-trend',
      urgency: URGENCY_OF[codeIn(report, 'imminence', 'IMMINENCE_')] ?? 'future',
    }),
    ...(region && { areas: [{ subdivisions: [region] }] }),
    severity: 'severe',
    certainty: 'possible',
    audience: 'public',
    effective: wholeHour(nowMs),
    expires: new Date(nowMs + hours * HOUR_MS).toISOString(),
  };
}

const RUN = 5;
const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const runsOf = (text: string): readonly string[] => {
  const words = wordsOf(text);
  return words.slice(RUN - 1).map((_, at) => words.slice(at, at + RUN).join(' '));
};

/** The first run of five words that a text has in common with a report: only the caller put it so (R9). */
export function repeatedWords(text: string, report: string): string | undefined {
  const told = new Set(runsOf(report));
  return runsOf(text).find((run) => told.has(run));
}

/** Every text in a value, one a line. */
export function textsIn(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textsIn).join('\n');
  return isObject(value) ? Object.values(value).map(textsIn).join('\n') : '';
}
