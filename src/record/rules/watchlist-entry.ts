/** Rules of `watchlist-entry`: brokers, shippers, financiers, conveyances to be met with care. */

import { Entities, Persons } from '../../gen/tocsin/record/v1/party.ts';
import {
  AppealState,
  RedressDecision,
  RegistrationEventType,
  RegistrationGround,
  RequestedAction,
  WatchlistBasis,
  WatchlistFinance,
  WatchlistLegal,
  WatchlistLicences,
  WatchlistReason,
  WatchlistRedress,
  WatchlistRegistration,
  WatchlistStatus,
  WatchlistSubject,
  WatchlistSummary,
} from '../../gen/tocsin/record/v1/watchlist_entry.ts';
import { formatPartialDate } from '../identifiers/date.ts';
import { judgeBic } from '../identifiers/lei.ts';
import type { ContentView, FacetReader, Retention } from '../kind-row.ts';
import {
  checkCountry,
  checkDate,
  checkInstant,
  checkOrder,
  expectChoice,
  expectDistinctChoices,
  expectFacet,
  expectSome,
  Refs,
} from './basics.ts';
import { checkIdentifier } from './conveyance-rules.ts';
import { checkEntities, checkPersons } from './party-rules.ts';
import { checkSharedFacets } from './shared-rules.ts';
import { joined, wordsOf } from './words.ts';

const { REQUESTED_ACTION_REPORT_HIT, REQUESTED_ACTION_CONSULT } = RequestedAction;

/** Who is registered where he lives and where he negotiates, by both authorities. */
const DOUBLY_REGISTERED: readonly WatchlistSubject[] = [
  WatchlistSubject.WATCHLIST_SUBJECT_BROKER,
  WatchlistSubject.WATCHLIST_SUBJECT_RETAILER,
  WatchlistSubject.WATCHLIST_SUBJECT_TRANSPORT_AGENT,
];

export function watchlistRules(view: ContentView): void {
  const summary = view.facet('summary', WatchlistSummary);
  expectFacet(view, 'summary', summary !== undefined);
  if (summary !== undefined) checkSummary(view, summary);
  const refs = new Refs(view);
  const entities = view.facet('entities', Entities);
  const persons = view.facet('persons', Persons);
  checkEntities(view, 'facets.entities', entities, refs);
  checkPersons(view, 'facets.persons', persons, refs);
  const parties =
    (entities?.entities.length ?? 0) + (entities?.vessels.length ?? 0) + (entities?.aircraft.length ?? 0);
  if (parties + (persons?.persons.length ?? 0) === 0)
    view.fault('facets.entities', 'NO_SUBJECT', 'expected an entity, ship, aircraft or person, got none');
  if (summary?.subjectKind === WatchlistSubject.WATCHLIST_SUBJECT_VESSEL && entities?.vessels.length === 0)
    view.fault('facets.entities.vessels', 'NO_SUBJECT', 'expected the ship that the entry speaks of');
  if (summary?.subjectKind === WatchlistSubject.WATCHLIST_SUBJECT_AIRCRAFT && entities?.aircraft.length === 0)
    view.fault('facets.entities.aircraft', 'NO_SUBJECT', 'expected the aircraft that the entry speaks of');
  checkRegistration(view, summary);
  checkLicences(view);
  checkLegal(view, summary);
  checkFinance(view);
  checkRedress(view);
  checkSharedFacets(view);
}

function checkSummary(view: ContentView, summary: WatchlistSummary): void {
  const path = 'facets.summary';
  expectChoice(view, `${path}.subjectKind`, summary.subjectKind);
  expectChoice(view, `${path}.basis`, summary.basis);
  expectChoice(view, `${path}.status`, summary.status);
  expectSome(view, `${path}.reasons`, summary.reasons);
  expectDistinctChoices(view, `${path}.reasons`, summary.reasons);
  expectSome(view, `${path}.requestedActions`, summary.requestedActions);
  expectDistinctChoices(view, `${path}.requestedActions`, summary.requestedActions);
  checkDate(view, `${path}.since`, summary.since, { required: true, past: true });
  if (summary.basis !== WatchlistBasis.WATCHLIST_BASIS_SUSPICION) return;
  const tooMuch = summary.requestedActions.some(
    (action) => action !== REQUESTED_ACTION_REPORT_HIT && action !== REQUESTED_ACTION_CONSULT,
  );
  if (tooMuch)
    view.fault(
      `${path}.requestedActions`,
      'SUSPICION_ACTIONS',
      'expected no more than report-hit and consult on a mere suspicion',
    );
}

/** A person's entry is reviewed yearly, others every two years; a suspicion lives no longer than twelve months. */
export function watchlistRetention(view: ContentView): Partial<Retention> {
  const persons = view.facet('persons', Persons)?.persons.length ?? 0;
  const suspicion =
    view.facet('summary', WatchlistSummary)?.basis === WatchlistBasis.WATCHLIST_BASIS_SUSPICION;
  return {
    reviewEveryDays: persons > 0 || suspicion ? 366 : 731,
    ...(suspicion ? { expireAfterDays: 366 } : {}),
  };
}

function checkRegistration(view: ContentView, summary: WatchlistSummary | undefined): void {
  const events = view.facet('registration', WatchlistRegistration)?.events ?? [];
  const path = 'facets.registration.events';
  events.forEach((event, index) => {
    const at = `${path}[${index}]`;
    expectChoice(view, `${at}.event`, event.event);
    expectChoice(view, `${at}.ground`, event.ground);
    expectSome(view, `${at}.authority`, event.authority);
    checkCountry(view, `${at}.country`, event.country, true);
    checkDate(view, `${at}.date`, event.date, { required: true, past: true });
  });
  if (events.length === 0 || summary === undefined || !DOUBLY_REGISTERED.includes(summary.subjectKind))
    return;
  const grounds = new Set(
    events
      .filter((event) => event.event !== RegistrationEventType.REGISTRATION_EVENT_TYPE_REFUSED)
      .map((event) => event.ground),
  );
  const both =
    grounds.has(RegistrationGround.REGISTRATION_GROUND_NATIONALITY) &&
    grounds.has(RegistrationGround.REGISTRATION_GROUND_PLACE_OF_NEGOTIATION);
  if (!both)
    view.flag(
      path,
      'SINGLE_AUTHORITY',
      'registration is known in one of nationality and place of negotiation only',
    );
}

function checkLicences(view: ContentView): void {
  const licences = view.facet('licence', WatchlistLicences)?.licences ?? [];
  const path = 'facets.licence.licences';
  const slots = new Map<string, Set<RegistrationGround>>();
  licences.forEach((licence, index) => {
    const at = `${path}[${index}]`;
    expectSome(view, `${at}.number`, licence.number);
    expectChoice(view, `${at}.slot`, licence.slot);
    expectChoice(view, `${at}.status`, licence.status);
    checkCountry(view, `${at}.issuerCountry`, licence.issuerCountry, true);
    checkDate(view, `${at}.validFrom`, licence.validFrom);
    checkDate(view, `${at}.validTo`, licence.validTo, { required: true });
    checkOrder(view, `${at}.validTo`, licence.validFrom, licence.validTo);
    const known = slots.get(licence.transaction) ?? new Set();
    slots.set(licence.transaction, known.add(licence.slot));
  });
  for (const known of slots.values())
    if (known.size < 2)
      view.flag(
        path,
        'SINGLE_LICENCE',
        'a transaction has a licence of one of the two competent authorities only',
      );
}

function checkLegal(view: ContentView, summary: WatchlistSummary | undefined): void {
  const rows = view.facet('legal', WatchlistLegal)?.rows ?? [];
  rows.forEach((row, index) => {
    const at = `facets.legal.rows[${index}]`;
    expectSome(view, `${at}.authority`, row.authority);
    checkCountry(view, `${at}.country`, row.country, true);
    checkDate(view, `${at}.date`, row.date, { past: true });
    checkDate(view, `${at}.spentOn`, row.spentOn);
    if (!row.final) expectChoice(view, `${at}.appeal`, row.appeal);
    if (row.final && row.appeal === AppealState.APPEAL_STATE_PENDING)
      view.fault(`${at}.final`, 'CONTRADICTION', 'expected a decision under appeal not to be final');
  });
  const convicted = summary?.reasons.includes(WatchlistReason.WATCHLIST_REASON_CONVICTED) === true;
  if (convicted && !rows.some((row) => row.final || row.appeal !== AppealState.APPEAL_STATE_UNSPECIFIED))
    view.fault(
      'facets.legal.rows',
      'CONVICTED_WITHOUT_ROW',
      'expected a proceeding that is final or whose appeal is stated, since the reasons say convicted',
    );
}

function checkFinance(view: ContentView): void {
  view.facet('finance', WatchlistFinance)?.accounts.forEach((account, index) => {
    const at = `facets.finance.accounts[${index}]`;
    if (account.lastFour.length > 4)
      view.fault(
        `${at}.lastFour`,
        'FULL_ACCOUNT',
        'expected the last four characters: full accounts never travel',
      );
    checkIdentifier(view, `${at}.institutionBic`, 'BIC', account.institutionBic, judgeBic);
    if (account.amount !== undefined && !/^[A-Z]{3}$/.test(account.amount.currency))
      view.doubt(`${at}.amount.currency`, 'CURRENCY', 'expected three letters (ISO 4217)');
    if (account.amount !== undefined && account.amount.minorUnits < 0n)
      view.doubt(`${at}.amount.minorUnits`, 'OUT_OF_RANGE', 'expected an amount from 0');
  });
}

function checkRedress(view: ContentView): void {
  view.facet('redress', WatchlistRedress)?.rows.forEach((row, index) => {
    const at = `facets.redress.rows[${index}]`;
    expectSome(view, `${at}.reference`, row.reference);
    expectChoice(view, `${at}.decision`, row.decision);
    checkInstant(view, `${at}.received`, row.received, { required: true, past: true });
    const decided = row.decision !== RedressDecision.REDRESS_DECISION_PENDING;
    checkInstant(view, `${at}.decidedAt`, row.decidedAt, { required: decided, past: true });
    if (row.decidedAt > 0n && row.decidedAt < row.received)
      view.doubt(`${at}.decidedAt`, 'DATE_ORDER', 'expected a decision after the request');
  });
}

export function watchlistTitle(facet: FacetReader): string | undefined {
  const summary = facet('summary', WatchlistSummary);
  if (summary === undefined) return undefined;
  const subject = wordsOf(WatchlistSubject, 'WATCHLIST_SUBJECT', summary.subjectKind);
  const reasons = summary.reasons.map((reason) => wordsOf(WatchlistReason, 'WATCHLIST_REASON', reason));
  const since = summary.since === undefined ? '' : `since ${formatPartialDate(summary.since)}`;
  const status =
    summary.status === WatchlistStatus.WATCHLIST_STATUS_ACTIVE
      ? ''
      : `(${wordsOf(WatchlistStatus, 'WATCHLIST_STATUS', summary.status)})`;
  return joined(' ', `Watchlist: ${joined(': ', subject, joined(', ', ...reasons))}`, since, status);
}
