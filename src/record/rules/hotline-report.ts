/** Rules of `hotline-report`: what a caller reported. Never leaves its node; nothing about the caller's line is kept. */
import {
  HotlineCategory,
  HotlineChannel,
  HotlineContent,
  HotlineSource,
  HotlineSummary,
  HotlineTriage,
  Imminence,
  TriageDecision,
} from '../../gen/tocsin/record/v1/hotline_report.ts';
import { Persons } from '../../gen/tocsin/record/v1/party.ts';
import { GradingScheme } from '../../gen/tocsin/record/v1/shared_facets.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import {
  checkCountry,
  checkInstant,
  checkLanguage,
  checkRecordRef,
  checkSubdivision,
  expectChoice,
  expectFacet,
  expectSome,
  Refs,
} from './basics.ts';
import { checkAircraft, checkVehicles, checkVessels } from './conveyance-rules.ts';
import { identityFindings } from './identity-words.ts';
import { checkWeapons } from './item-rules.ts';
import { checkEntity, checkPersons } from './party-rules.ts';
import { checkLegs } from './place-rules.ts';
import { checkGrading, checkSharedFacets } from './shared-rules.ts';
import { joined, wordsOf } from './words.ts';

const HOUR_MS = 3_600_000n;
const IDENTITY: Readonly<Record<ReturnType<typeof identityFindings>[number], string>> = {
  PHONE_LIKE: 'something like a telephone number stands here; it must not be the caller’s',
  EMAIL_LIKE: 'something like an address of electronic mail stands here; it must not be the caller’s',
  NAME_LIKE: 'something like a name that somebody gave as his own stands here; it must not be the caller’s',
};

function checkWords(view: ContentView, path: string, text: string): void {
  for (const code of identityFindings(text)) view.flag(path, code, IDENTITY[code]);
}

export function hotlineRules(view: ContentView): void {
  const summary = view.facet('summary', HotlineSummary);
  const content = view.facet('content', HotlineContent);
  expectFacet(view, 'summary', summary !== undefined);
  expectFacet(view, 'content', content !== undefined);
  if (summary !== undefined) checkSummary(view, summary);
  const refs = new Refs(view);
  if (content !== undefined) checkContent(view, content, summary, refs);
  checkPersons(view, 'facets.persons', view.facet('persons', Persons), refs);
  checkSource(view);
  checkTriage(view, summary);
  checkSharedFacets(view);
}

function checkSummary(view: ContentView, summary: HotlineSummary): void {
  const path = 'facets.summary';
  expectSome(view, `${path}.reportNumber`, summary.reportNumber);
  expectChoice(view, `${path}.channel`, summary.channel);
  expectChoice(view, `${path}.category`, summary.category);
  expectChoice(view, `${path}.imminence`, summary.imminence);
  checkLanguage(view, `${path}.language`, summary.language);
  checkInstant(view, `${path}.receivedAt`, summary.receivedAt, { required: true, past: true });
  if (summary.receivedAt % HOUR_MS !== 0n)
    view.fault(
      `${path}.receivedAt`,
      'PRECISION',
      'expected a whole hour: the minute would tell who called (R9)',
    );
  checkCountry(view, `${path}.country`, summary.country, true);
  checkSubdivision(view, `${path}.subdivision`, summary.subdivision, summary.country);
}

function checkContent(
  view: ContentView,
  content: HotlineContent,
  summary: HotlineSummary | undefined,
  refs: Refs,
): void {
  const path = 'facets.content';
  expectSome(view, `${path}.narrative`, content.narrative);
  content.narrative.forEach((text, index) => {
    const at = `${path}.narrative[${index}]`;
    checkLanguage(view, `${at}.language`, text.language);
    expectSome(view, `${at}.text`, text.text);
    checkWords(view, `${at}.text`, text.text);
    if (summary !== undefined && summary.reportNumber !== '' && text.text.includes(summary.reportNumber))
      view.fault(
        `${at}.text`,
        'REPORT_NUMBER',
        'expected the report number nowhere but in its own field (R9)',
      );
  });
  content.entities.forEach((entity, index) => {
    checkEntity(view, `${path}.entities[${index}]`, entity, refs);
  });
  checkWeapons(view, `${path}.weapons`, content.weapons, new Map());
  checkVehicles(view, `${path}.vehicles`, content.vehicles, refs);
  checkVessels(view, `${path}.vessels`, content.vessels, refs);
  checkAircraft(view, `${path}.aircraft`, content.aircraft, refs);
  checkLegs(view, `${path}.legs`, content.legs, refs);
}

function checkSource(view: ContentView): void {
  const source = view.facet('source', HotlineSource);
  if (source === undefined) return;
  checkWords(view, 'facets.source.statement', source.statement);
  const { phraseSalt, phraseHash } = source;
  const none = phraseSalt.length === 0 && phraseHash.length === 0;
  if (!none && (phraseSalt.length !== 16 || phraseHash.length !== 32))
    view.fault(
      'facets.source.phraseHash',
      'WRONG_FORM',
      'expected a salt of 16 and a hash of 32 bytes, or neither',
    );
}

function checkTriage(view: ContentView, summary: HotlineSummary | undefined): void {
  const triage = view.facet('triage', HotlineTriage);
  if (triage === undefined) return;
  const path = 'facets.triage';
  if (triage.score > 100) view.fault(`${path}.score`, 'OUT_OF_RANGE', 'expected 0 to 100');
  expectChoice(view, `${path}.decision`, triage.decision);
  checkInstant(view, `${path}.decidedAt`, triage.decidedAt, { past: true });
  triage.duplicates.forEach((ref, index) => {
    checkRecordRef(view, `${path}.duplicates[${index}]`, ref);
  });
  const isUsed = triage.decision !== TriageDecision.TRIAGE_DECISION_DROP;
  if (isUsed && triage.decision > 0 && !triage.threeCouldHaveKnown)
    view.fault(
      `${path}.threeCouldHaveKnown`,
      'COULD_HAVE_KNOWN',
      'expected at least three people who could have known it, or the decision to drop: else it tells who called (R9)',
    );
  checkGrading(view, `${path}.grading`, triage.grading);
  const { grading } = triage;
  if (grading === undefined || summary?.channel === HotlineChannel.HOTLINE_CHANNEL_PARTNER) return;
  const unknown = grading.scheme === GradingScheme.GRADING_SCHEME_EU_4X4 ? 'X' : 'F';
  const graded =
    grading.scheme === GradingScheme.GRADING_SCHEME_NATO_6X6 ||
    grading.scheme === GradingScheme.GRADING_SCHEME_EU_4X4;
  if (graded && grading.source !== unknown)
    view.flag(`${path}.grading.source`, 'CALLER_GRADING', `a caller who is not known is graded ${unknown}`);
}

export function hotlineTitle(facet: FacetReader): string | undefined {
  const summary = facet('summary', HotlineSummary);
  if (summary === undefined) return undefined;
  const category = wordsOf(HotlineCategory, 'HOTLINE_CATEGORY', summary.category);
  const imminence = wordsOf(Imminence, 'IMMINENCE', summary.imminence);
  const where = summary.subdivision === '' ? summary.country : summary.subdivision;
  // Never the report number: titles travel further than the field it belongs to.
  return `Hotline: ${joined(', ', category, imminence, where)}`;
}
