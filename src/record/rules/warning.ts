/** Rules of `warning`: what a hotline or hub tells a region, modelled on CAP 1.2. */
import { Priority, Tlp } from '../../gen/tocsin/record/v1/marking.ts';
import {
  WarningAction,
  type WarningArea,
  WarningAudience,
  WarningBasis,
  WarningConveyance,
  WarningEvent,
  WarningItems,
  WarningSummary,
} from '../../gen/tocsin/record/v1/warning.ts';
import { judgeCountry, judgeSubdivision } from '../identifiers/country.ts';
import type { ContentView, FacetReader, Retention } from '../kind-row.ts';
import {
  checkInstant,
  checkLanguage,
  checkRecordRef,
  expectChoice,
  expectFacet,
  expectSome,
  Refs,
} from './basics.ts';
import { checkAircraft, checkContainers, checkVehicles, checkVessels } from './conveyance-rules.ts';
import { checkAmmunition, checkWeapons, type ItemLines } from './item-rules.ts';
import { checkPoint } from './place-rules.ts';
import { checkSharedFacets } from './shared-rules.ts';
import { joined, wordsOf } from './words.ts';

const MAX_HEADLINE = 160;
/** What the public may read is no more precise than this (R9). */
const PUBLIC_RADIUS_KM = 10;

export function warningRules(view: ContentView): void {
  const summary = view.facet('summary', WarningSummary);
  expectFacet(view, 'summary', summary !== undefined);
  if (summary !== undefined) checkSummary(view, summary);
  const items = view.facet('items', WarningItems);
  const lines: ItemLines = new Map();
  checkWeapons(view, 'facets.items.weapons', items?.weapons ?? [], lines);
  checkAmmunition(view, 'facets.items.ammunition', items?.ammunition ?? [], lines);
  const conveyance = view.facet('conveyance', WarningConveyance);
  const refs = new Refs(view);
  checkVessels(view, 'facets.conveyance.vessels', conveyance?.vessels ?? [], refs);
  checkAircraft(view, 'facets.conveyance.aircraft', conveyance?.aircraft ?? [], refs);
  checkVehicles(view, 'facets.conveyance.vehicles', conveyance?.vehicles ?? [], refs);
  checkContainers(view, 'facets.conveyance.containers', conveyance?.containers ?? [], refs);
  view.facet('basis', WarningBasis)?.records.forEach((ref, index) => {
    checkRecordRef(view, `facets.basis.records[${index}]`, ref);
  });
  checkSharedFacets(view);
}

function checkSummary(view: ContentView, summary: WarningSummary): void {
  const path = 'facets.summary';
  for (const field of ['event', 'urgency', 'severity', 'certainty', 'audience'] as const)
    expectChoice(view, `${path}.${field}`, summary[field]);
  checkTexts(view, summary);
  expectSome(view, `${path}.areas`, summary.areas);
  summary.areas.forEach((area, index) => {
    checkArea(view, `${path}.areas[${index}]`, area, summary.audience);
  });
  checkInstant(view, `${path}.effective`, summary.effective, { required: true });
  checkInstant(view, `${path}.onset`, summary.onset, {});
  checkInstant(view, `${path}.expires`, summary.expires, { required: true, future: true });
  if (summary.expires > 0n && summary.expires <= summary.effective)
    view.fault(`${path}.expires`, 'DATE_ORDER', 'expected expiry after the warning takes effect');
  if (summary.expires > BigInt(Math.trunc(view.expires)) && view.expires > 0)
    view.fault(`${path}.expires`, 'RETENTION', 'expected the warning to end no later than its record');
  const open = view.marking.tlp === Tlp.TLP_CLEAR || view.marking.tlp === Tlp.TLP_GREEN;
  if (summary.audience === WarningAudience.WARNING_AUDIENCE_PUBLIC && !open)
    view.flag(
      'marking.tlp',
      'AUDIENCE',
      'the warning is for the public but its marking is not CLEAR or GREEN',
    );
}

function checkTexts(view: ContentView, summary: WarningSummary): void {
  const path = 'facets.summary.texts';
  expectSome(view, path, summary.texts);
  const languages = summary.texts.map((text) => text.language);
  summary.texts.forEach((text, index) => {
    const at = `${path}[${index}]`;
    checkLanguage(view, `${at}.language`, text.language);
    if (languages.indexOf(text.language) !== index)
      view.fault(`${at}.language`, 'DUPLICATE', 'expected each language once');
    expectSome(view, `${at}.headline`, text.headline.trim());
    if (text.headline.length > MAX_HEADLINE)
      view.fault(`${at}.headline`, 'TOO_LONG', `expected at most ${MAX_HEADLINE} characters`);
  });
  const subregional = summary.areas.some((area) => area.subdivisions.some((code) => code.includes('-')));
  if (subregional && languages.length < 2)
    view.flag(path, 'ONE_LANGUAGE', 'a warning for a subdivision is expected in at least two languages');
}

function checkArea(view: ContentView, at: string, area: WarningArea, audience: WarningAudience): void {
  if (area.subdivisions.length === 0 && area.polygon.length === 0 && area.circle === undefined)
    view.fault(at, 'REQUIRED', 'expected subdivisions, a polygon or a circle, got none');
  area.subdivisions.forEach((code, index) => {
    const check = code.includes('-') ? judgeSubdivision(code) : judgeCountry(code);
    if (!check.ok) view.doubt(`${at}.subdivisions[${index}]`, 'SUBDIVISION', check.detail);
  });
  area.polygon.forEach((point, index) => {
    checkPoint(view, `${at}.polygon[${index}]`, point);
  });
  const [first] = area.polygon;
  const last = area.polygon.at(-1);
  const closed = first?.latitude === last?.latitude && first?.longitude === last?.longitude;
  if (area.polygon.length > 0 && (area.polygon.length < 4 || !closed))
    view.fault(`${at}.polygon`, 'POLYGON', 'expected at least four points, the last being the first');
  if (area.circle === undefined) return;
  if (area.circle.center === undefined) view.fault(`${at}.circle.center`, 'REQUIRED', 'expected a point');
  checkPoint(view, `${at}.circle.center`, area.circle.center);
  const floor = audience === WarningAudience.WARNING_AUDIENCE_PUBLIC ? PUBLIC_RADIUS_KM : 1;
  if (area.circle.radiusKm < floor)
    view.fault(
      `${at}.circle.radiusKm`,
      'PRECISION',
      `expected a radius from ${floor} km for this audience (R9)`,
    );
}

/** A flash warning lives three days, any other thirty. */
export const warningRetention = (view: ContentView): Partial<Retention> =>
  view.priority === Priority.PRIORITY_FLASH ? { expireAfterDays: 3, reviewEveryDays: 3 } : {};

export function warningTitle(facet: FacetReader): string | undefined {
  const summary = facet('summary', WarningSummary);
  if (summary === undefined) return undefined;
  const [text] = summary.texts;
  const action =
    summary.action === WarningAction.WARNING_ACTION_CANCEL
      ? 'Cancelled'
      : summary.action === WarningAction.WARNING_ACTION_UPDATE
        ? 'Update'
        : '';
  return joined(': ', action, text?.headline ?? wordsOf(WarningEvent, 'WARNING_EVENT', summary.event));
}
