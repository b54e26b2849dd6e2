/** What an index found, as the desk's messages say it. */
import {
  ScreeningAgreement as A,
  ScreeningAbout,
  ScreeningBand,
  ScreeningFinding,
  ScreeningHit,
  ScreeningLine,
  type ScreeningNotCompared,
  ScreeningSide,
  ScreeningSubject,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import type {
  Finding,
  IdentifierBand,
  IdentifierHit,
  Agreement as NumberAgreement,
} from '../identifiers/listed.ts';
import type { Agreement, Band, NameHit, NotCompared, SubjectType } from '../names/party.ts';

const NAME_AGREEMENTS: Readonly<Record<Agreement | 'little-evidence', A>> = {
  same: A.SCREENING_AGREEMENT_SAME,
  spelling: A.SCREENING_AGREEMENT_SPELLING,
  sound: A.SCREENING_AGREEMENT_SOUND,
  script: A.SCREENING_AGREEMENT_SCRIPT,
  equivalent: A.SCREENING_AGREEMENT_EQUIVALENT,
  initial: A.SCREENING_AGREEMENT_INITIAL,
  joined: A.SCREENING_AGREEMENT_JOINED,
  'not-in-entry': A.SCREENING_AGREEMENT_NOT_IN_ENTRY,
  'not-in-query': A.SCREENING_AGREEMENT_NOT_IN_QUERY,
  'numbers-differ': A.SCREENING_AGREEMENT_NUMBERS_DIFFER,
  'legal-form': A.SCREENING_AGREEMENT_LEGAL_FORM,
  order: A.SCREENING_AGREEMENT_ORDER,
  born: A.SCREENING_AGREEMENT_BORN,
  country: A.SCREENING_AGREEMENT_COUNTRY,
  'weak-alias': A.SCREENING_AGREEMENT_WEAK_ALIAS,
  'little-evidence': A.SCREENING_AGREEMENT_LITTLE_EVIDENCE,
};

const NUMBER_AGREEMENTS: Readonly<Record<NumberAgreement, A>> = {
  'exact-with-maker': A.SCREENING_AGREEMENT_EXACT_WITH_MAKER,
  exact: A.SCREENING_AGREEMENT_EXACT,
  'same-number-other-fields': A.SCREENING_AGREEMENT_SAME_NUMBER_OTHER_FIELDS,
  'folded-with-maker': A.SCREENING_AGREEMENT_FOLDED_WITH_MAKER,
  folded: A.SCREENING_AGREEMENT_FOLDED,
  corrected: A.SCREENING_AGREEMENT_CORRECTED,
  'one-difference': A.SCREENING_AGREEMENT_ONE_DIFFERENCE,
  partial: A.SCREENING_AGREEMENT_PARTIAL,
  core: A.SCREENING_AGREEMENT_CORE,
};

const BANDS: Readonly<Record<Band | IdentifierBand, ScreeningBand>> = {
  look: ScreeningBand.SCREENING_BAND_LOOK,
  probable: ScreeningBand.SCREENING_BAND_PROBABLE,
  certain: ScreeningBand.SCREENING_BAND_CERTAIN,
  lead: ScreeningBand.SCREENING_BAND_LOOK,
  candidate: ScreeningBand.SCREENING_BAND_PROBABLE,
  hit: ScreeningBand.SCREENING_BAND_CERTAIN,
};

const FINDINGS: Readonly<Record<Finding, ScreeningFinding>> = {
  agrees: ScreeningFinding.SCREENING_FINDING_AGREES,
  differs: ScreeningFinding.SCREENING_FINDING_DIFFERS,
  undecided: ScreeningFinding.SCREENING_FINDING_UNDECIDED,
  'check-digit-fails': ScreeningFinding.SCREENING_FINDING_CHECK_DIGIT_FAILS,
};

const SIDES: Readonly<Record<NotCompared['missingIn'], ScreeningSide>> = {
  query: ScreeningSide.SCREENING_SIDE_QUERY,
  entry: ScreeningSide.SCREENING_SIDE_ENTRY,
  both: ScreeningSide.SCREENING_SIDE_BOTH,
};

export const SUBJECT_NUMBERS: Readonly<Record<SubjectType, ScreeningSubject>> = {
  person: ScreeningSubject.SCREENING_SUBJECT_PERSON,
  organisation: ScreeningSubject.SCREENING_SUBJECT_ORGANISATION,
  vessel: ScreeningSubject.SCREENING_SUBJECT_VESSEL,
  aircraft: ScreeningSubject.SCREENING_SUBJECT_AIRCRAFT,
  unknown: ScreeningSubject.SCREENING_SUBJECT_UNSPECIFIED,
};

/** What a name's hit says of itself; who and what it is of, its reader adds. */
export const nameHitMessage = ({ name, score, band, lines, notCompared }: NameHit): ScreeningHit =>
  ScreeningHit.fromPartial({
    listed: name.text,
    score,
    band: band === undefined ? ScreeningBand.SCREENING_BAND_UNSPECIFIED : BANDS[band],
    lines: lines.map(({ points, agreement, query, listed, oneIn }) =>
      ScreeningLine.fromPartial({
        points,
        agreement: NAME_AGREEMENTS[agreement],
        query: query ?? '',
        listed: listed ?? '',
        oneIn: oneIn ?? 0,
      }),
    ),
    notCompared: notCompared.map(({ what, missingIn }) => ({ what, missingIn: SIDES[missingIn] })),
  });

export function numberHitMessage(hit: IdentifierHit, asked: Readonly<Record<string, unknown>>): ScreeningHit {
  const listedAbout: Readonly<Record<string, unknown>> = { ...hit.listedAbout };
  const missing = (field: string): ScreeningNotCompared => ({
    what: field,
    missingIn:
      asked[field] !== undefined
        ? ScreeningSide.SCREENING_SIDE_ENTRY
        : listedAbout[field] !== undefined
          ? ScreeningSide.SCREENING_SIDE_QUERY
          : ScreeningSide.SCREENING_SIDE_BOTH,
  });
  return ScreeningHit.fromPartial({
    listed: hit.value,
    scheme: hit.scheme,
    title: hit.listedAbout.name ?? '',
    band: BANDS[hit.band],
    agreement: NUMBER_AGREEMENTS[hit.agreement],
    lines: hit.lines.map(({ about, finding, query, listed }) =>
      ScreeningLine.fromPartial({
        field: about,
        finding: FINDINGS[finding],
        query: query ?? '',
        listed: listed ?? '',
      }),
    ),
    notCompared: hit.notCompared.map(missing),
    alignment: {
      query: hit.alignment.query,
      listed: hit.alignment.listed,
      differs: [...hit.alignment.differs],
    },
    about: ScreeningAbout.fromPartial(hit.listedAbout),
  });
}
