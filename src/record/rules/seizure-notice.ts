/** Rules of `seizure-notice`: arms seized, found, surrendered or collected. */

import { Identifiers, WeaponCategory } from '../../gen/tocsin/record/v1/item.ts';
import { Entities, Persons } from '../../gen/tocsin/record/v1/party.ts';
import {
  Disposal,
  SeizureContext,
  SeizureItems,
  SeizureLegal,
  SeizurePrice,
  SeizureRoute,
  SeizureStatus,
  SeizureSummary,
} from '../../gen/tocsin/record/v1/seizure_notice.ts';
import { formatPartialDate } from '../identifiers/date.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import {
  checkCountry,
  checkDate,
  checkSubdivision,
  expectChoice,
  expectFacet,
  expectSome,
  Refs,
} from './basics.ts';
import {
  checkAircraft,
  checkConsignments,
  checkContainers,
  checkVehicles,
  checkVessels,
} from './conveyance-rules.ts';
import {
  checkAmmunition,
  checkIdentifiers,
  checkTotals,
  checkTradeCodes,
  checkWeapons,
  type ItemLines,
} from './item-rules.ts';
import { checkEntities, checkPersons } from './party-rules.ts';
import { checkLegs, checkPlace } from './place-rules.ts';
import { checkSharedFacets } from './shared-rules.ts';
import { joined, wordsOf } from './words.ts';

const MAX_IDENTIFIERS = 5000;

export function seizureRules(view: ContentView): void {
  const summary = view.facet('summary', SeizureSummary);
  const items = view.facet('items', SeizureItems);
  expectFacet(view, 'summary', summary !== undefined);
  expectFacet(view, 'items', items !== undefined);
  const lines: ItemLines = new Map();
  if (items !== undefined) {
    checkWeapons(view, 'facets.items.weapons', items.weapons, lines);
    checkAmmunition(view, 'facets.items.ammunition', items.ammunition, lines);
    if (items.weapons.length + items.ammunition.length === 0)
      view.fault('facets.items', 'REQUIRED', 'expected at least one item line');
    checkCountry(view, 'facets.items.estimatedOrigin.country', items.estimatedOrigin?.country ?? '');
  }
  if (summary !== undefined) checkSummary(view, summary, lines);
  const identifiers = view.facet('identifiers', Identifiers)?.weapons ?? [];
  if (identifiers.length > MAX_IDENTIFIERS)
    view.fault(
      'facets.identifiers.weapons',
      'TOO_MANY',
      `expected at most ${MAX_IDENTIFIERS}; split the notice`,
    );
  checkIdentifiers(view, 'facets.identifiers.weapons', identifiers, lines);
  const refs = new Refs(view);
  checkEntities(view, 'facets.entities', view.facet('entities', Entities), refs);
  const persons = view.facet('persons', Persons);
  checkPersons(view, 'facets.persons', persons, refs);
  if (summary?.amnesty === true && (persons?.persons.length ?? 0) > 0)
    view.fault(
      'facets.persons',
      'R10',
      'expected no persons: the items were surrendered under an amnesty (R10b)',
    );
  const route = view.facet('route', SeizureRoute);
  if (route !== undefined) checkRoute(view, route, summary, refs);
  const legal = view.facet('legal', SeizureLegal);
  if (legal !== undefined) expectSome(view, 'facets.legal.suspectedOffence', legal.suspectedOffence);
  checkPrices(view);
  checkSharedFacets(view);
}

function checkSummary(view: ContentView, summary: SeizureSummary, lines: ItemLines): void {
  const path = 'facets.summary';
  expectChoice(view, `${path}.context`, summary.context);
  expectChoice(view, `${path}.agencyType`, summary.agencyType);
  checkDate(view, `${path}.date`, summary.date, { required: true, past: true });
  checkCountry(view, `${path}.country`, summary.country, true);
  checkSubdivision(view, `${path}.subdivision`, summary.subdivision, summary.country);
  expectSome(view, `${path}.totals`, summary.totals);
  checkTotals(view, `${path}.totals`, summary.totals, lines);
  const disposed = summary.status === SeizureStatus.SEIZURE_STATUS_DISPOSED;
  if (disposed) expectChoice(view, `${path}.disposal`, summary.disposal);
  const stated = summary.disposal !== Disposal.DISPOSAL_UNSPECIFIED;
  if (stated && !disposed && summary.status !== SeizureStatus.SEIZURE_STATUS_CLOSED)
    view.fault(`${path}.disposal`, 'CONTRADICTION', 'expected no disposal before the status says disposed');
  const given =
    summary.context === SeizureContext.SEIZURE_CONTEXT_SURRENDERED ||
    summary.context === SeizureContext.SEIZURE_CONTEXT_COLLECTED;
  if (summary.amnesty && !given)
    view.fault(
      `${path}.amnesty`,
      'CONTRADICTION',
      'expected an amnesty only where items were surrendered or collected',
    );
}

function checkRoute(
  view: ContentView,
  route: SeizureRoute,
  summary: SeizureSummary | undefined,
  refs: Refs,
): void {
  const path = 'facets.route';
  checkPlace(view, `${path}.place`, route.place, true);
  const country = route.place?.country ?? '';
  if (country !== '' && summary !== undefined && summary.country !== '' && country !== summary.country)
    view.flag(`${path}.place.country`, 'COUNTRY_DIFFERS', 'the summary names another country');
  checkVessels(view, `${path}.vessels`, route.vessels, refs);
  checkAircraft(view, `${path}.aircraft`, route.aircraft, refs);
  checkVehicles(view, `${path}.vehicles`, route.vehicles, refs);
  checkContainers(view, `${path}.containers`, route.containers, refs);
  checkConsignments(view, `${path}.consignments`, route.consignments, refs);
  checkLegs(view, `${path}.legs`, route.legs, refs);
  checkTradeCodes(view, `${path}.tradeCodes`, route.tradeCodes);
}

function checkPrices(view: ContentView): void {
  view.facet('price', SeizurePrice)?.observations.forEach((seen, index) => {
    const at = `facets.price.observations[${index}]`;
    expectSome(view, `${at}.item`, seen.item);
    if (seen.price === undefined) view.fault(`${at}.price`, 'REQUIRED', 'expected a price, got none');
    else {
      if (!/^[A-Z]{3}$/.test(seen.price.currency))
        view.doubt(`${at}.price.currency`, 'CURRENCY', 'expected three letters (ISO 4217)');
      if (seen.price.minorUnits < 0n)
        view.doubt(`${at}.price.minorUnits`, 'OUT_OF_RANGE', 'expected a price from 0');
    }
    checkCountry(view, `${at}.country`, seen.country, true);
    checkSubdivision(view, `${at}.subdivision`, seen.subdivision, seen.country);
    checkDate(view, `${at}.date`, seen.date, { required: true, past: true });
  });
}

export function seizureTitle(facet: FacetReader): string | undefined {
  const summary = facet('summary', SeizureSummary);
  if (summary === undefined) return undefined;
  const context = wordsOf(SeizureContext, 'SEIZURE_CONTEXT', summary.context);
  const totals = summary.totals.map(
    (total) => `${total.quantity} × ${wordsOf(WeaponCategory, 'WEAPON_CATEGORY', total.category)}`,
  );
  const where = summary.subdivision === '' ? summary.country : summary.subdivision;
  const when = summary.date === undefined ? '' : formatPartialDate(summary.date);
  return joined(', ', joined(' ', joined(', ', ...totals), context, where === '' ? '' : `in ${where}`), when);
}
