/** Reports and warnings as their pages write them: numbers for callers, what of a report may stand in a warning. Pure. */
import { type Content, getAt, isObject, setAt } from '../../compose/content.ts';
import { type Json, type JsonObject, kindForm, priorityName } from '../../compose/forms.ts';
import type { MapPosition } from '../../map/position.ts';

/** Without letters and digits that are mistaken for each other when they are read out. */
const NUMBER_SIGNS = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const HOUR_MS = 3_600_000;

/** Random, for the caller to name when he calls again; 8 signs are about 39 bits. */
export function newReportNumber(
  random: (count: number) => Uint8Array = (n) => crypto.getRandomValues(new Uint8Array(n)),
): string {
  let number = '';
  while (number.length < 8)
    // What is over the last whole round of signs is thrown away, so that none is likelier.
    for (const byte of random(16))
      if (byte < 240 && number.length < 8) number += NUMBER_SIGNS[byte % NUMBER_SIGNS.length];
  return `${number.slice(0, 4)}-${number.slice(4)}`;
}

/** The whole hour: the minute would tell who called (R9). */
export const wholeHour = (ms: number): string => new Date(Math.floor(ms / HOUR_MS) * HOUR_MS).toISOString();

function blank(kind: string, facets: JsonObject): Content {
  const form = kindForm(kind);
  // The node says which world it is in (R21): a status stated here would be refused in an exercise.
  const { status: _status, ...marking } = form?.marking ?? {};
  return { kind, priority: priorityName(form?.priority ?? 1), marking, facets };
}

export const newReport = (country: string, language: string): Content =>
  blank('hotline-report', {
    summary: {
      channel: 'HOTLINE_CHANNEL_VOICE',
      language,
      country,
      status: 'HOTLINE_STATUS_RECEIVED',
    },
    content: { narrative: [{ language, text: '' }] },
  });

/** How a report's matter and pressure are said in a warning; nothing else is taken over from it but the region (R9). */
const EVENT_OF: Readonly<Record<string, string>> = {
  HOTLINE_CATEGORY_MOVEMENT: 'WARNING_EVENT_ARMS_MOVEMENT',
  HOTLINE_CATEGORY_STOCK_THEFT: 'WARNING_EVENT_DEPOT_LOSS',
  HOTLINE_CATEGORY_DOCUMENT: 'WARNING_EVENT_FORGED_DOCUMENTS',
  HOTLINE_CATEGORY_THREAT: 'WARNING_EVENT_AMBUSH_OR_RAID',
};
const URGENCY_OF: Readonly<Record<string, string>> = {
  IMMINENCE_NOW: 'URGENCY_IMMEDIATE',
  IMMINENCE_HOURS: 'URGENCY_EXPECTED',
};

/** A warning to be written, of a report's summary where there is one. */
export function newWarning(languages: readonly string[], summary: Json | undefined, nowMs: number): Content {
  const of = isObject(summary) ? summary : {};
  const region = of.subdivision || of.country;
  return blank('warning', {
    summary: {
      event: EVENT_OF[String(of.category)] ?? 'WARNING_EVENT_TRAFFICKING_TREND',
      action: 'WARNING_ACTION_ALERT',
      texts: languages.map((language) => ({ language, headline: '', description: '', instruction: '' })),
      urgency: URGENCY_OF[String(of.imminence)] ?? 'URGENCY_FUTURE',
      severity: 'SEVERITY_SEVERE',
      certainty: 'CERTAINTY_POSSIBLE',
      areas: [region === undefined || region === '' ? {} : { subdivisions: [region] }],
      audience: 'WARNING_AUDIENCE_PUBLIC',
      effective: wholeHour(nowMs),
      expires: new Date(nowMs + 24 * HOUR_MS).toISOString(),
    },
  });
}

const RUN = 5;
const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** The first run of five words that a text has in common with a report: only the caller put it so (R9). */
export function repeatedWords(text: string, report: string): string | undefined {
  const told = wordsOf(report);
  const runs = new Set(told.slice(RUN - 1).map((_, at) => told.slice(at, at + RUN).join(' ')));
  const said = wordsOf(text);
  return said
    .slice(RUN - 1)
    .map((_, at) => said.slice(at, at + RUN).join(' '))
    .find((run) => runs.has(run));
}

/** A tenth of a degree is 11 km of latitude: what is drawn says no more than the rule lets it (R9). */
export const coarse = (degrees: number): number => Math.round(degrees * 10) / 10;

/** `-8.5, 14` a line; what is no point is told by its line. */
export function readPoints(text: string): {
  readonly points: readonly MapPosition[];
  readonly faulty: readonly number[];
} {
  const points: MapPosition[] = [];
  const faulty: number[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [latitude = Number.NaN, longitude = Number.NaN, ...more] = line
      .trim()
      .split(/[\s,;]+/)
      .map(Number);
    if (more.length === 0 && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)
      points.push({ latitude: coarse(latitude), longitude: coarse(longitude) });
    else faulty.push(at + 1);
  }
  return { points, faulty };
}

const isSame = (a: MapPosition | undefined, b: MapPosition | undefined): boolean =>
  a?.latitude === b?.latitude && a?.longitude === b?.longitude;

/** Closed as the record wants it; fewer than three corners are no outline yet. */
export function closedOutline(points: readonly MapPosition[]): readonly MapPosition[] {
  const corners = points.filter((point, at) => !isSame(point, points[at - 1]));
  if (corners.length > 1 && isSame(corners[0], corners.at(-1))) corners.pop();
  const [first] = corners;
  return first === undefined || corners.length < 3 ? [] : [...corners, first];
}

export const textAt = (content: Content, ...path: (string | number)[]): string => {
  const value = getAt(content.facets, path);
  return typeof value === 'string' ? value : '';
};

/** A copy with one field of the facets changed. */
export const withFacet = (
  content: Content,
  path: readonly (string | number)[],
  next: Json | undefined,
): Content => ({
  ...content,
  facets: setAt(content.facets, path, next) as JsonObject,
});

/** One vehicle by what it looks like; `undefined` = none. */
export const vehiclesOf = (type: string): Json | undefined =>
  type === '' ? undefined : [{ ref: 'v1', type }];

/** Categories that are no weapons: parts want their names, so such a warning is written as other records are. */
export const NO_WEAPONS = ['WEAPON_CATEGORY_AMMUNITION', 'WEAPON_CATEGORY_PART', 'WEAPON_CATEGORY_EXPLOSIVE'];
const FIREARM = /REVOLVER|RIFLE_OR|SUB_MACHINE|ASSAULT|LIGHT_MACHINE|OTHER_SMALL/;

/** A line of arms begun with its category; its state and number are asked for beside it. `undefined` = none. */
export const weaponsOf = (category: string): Json | undefined =>
  category === ''
    ? undefined
    : [
        {
          line: 1,
          kind: FIREARM.test(category) ? 'ITEM_KIND_FIREARM' : 'ITEM_KIND_LIGHT_WEAPON',
          category,
        },
      ];
