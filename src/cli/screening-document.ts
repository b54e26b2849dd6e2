/** What screening answers as JSON: sets by their names, everything else as the desk gives it. */
import {
  ScreeningAgreement,
  ScreeningBand,
  ScreeningFinding,
  type ScreeningHit,
  ScreeningOutcome,
  type ScreeningResult,
  ScreeningSide,
  ScreeningSubject,
  type ScreeningSummary,
  ScreeningVerdict,
} from '../gen/tocsin/desk/v1/screening_service.ts';
import { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';
import { RequestedAction } from '../gen/tocsin/record/v1/watchlist_entry.ts';
import { nameOf } from './names.ts';

export const hitDocument = (hit: ScreeningHit) => ({
  ...hit,
  subject: nameOf(ScreeningSubject, 'SCREENING_SUBJECT_', hit.subject),
  band: nameOf(ScreeningBand, 'SCREENING_BAND_', hit.band),
  agreement: nameOf(ScreeningAgreement, 'SCREENING_AGREEMENT_', hit.agreement),
  lines: hit.lines.map((line) => ({
    ...line,
    agreement: nameOf(ScreeningAgreement, 'SCREENING_AGREEMENT_', line.agreement),
    finding: nameOf(ScreeningFinding, 'SCREENING_FINDING_', line.finding),
  })),
  notCompared: hit.notCompared.map(({ what, missingIn }) => ({
    what,
    missingIn: nameOf(ScreeningSide, 'SCREENING_SIDE_', missingIn),
  })),
  requestedActions: hit.requestedActions.map((action) =>
    nameOf(RequestedAction, 'REQUESTED_ACTION_', action),
  ),
  decision: hit.decision && {
    ...hit.decision,
    verdict: nameOf(ScreeningVerdict, 'SCREENING_VERDICT_', hit.decision.verdict),
  },
});

export const resultDocument = (result: ScreeningResult) => ({
  ...result,
  outcome: nameOf(ScreeningOutcome, 'SCREENING_OUTCOME_', result.outcome),
  hits: result.hits.map(hitDocument),
  nearestBelow: result.nearestBelow && hitDocument(result.nearestBelow),
});

export const summaryDocument = (summary: ScreeningSummary) => ({
  ...summary,
  deskGroup: nameOf(DeskGroup, 'DESK_GROUP_', summary.deskGroup),
  purpose: nameOf(Purpose, 'PURPOSE_', summary.purpose),
  outcome: nameOf(ScreeningOutcome, 'SCREENING_OUTCOME_', summary.outcome),
});
