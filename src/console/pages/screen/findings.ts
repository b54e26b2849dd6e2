/** Answers of a batch as lines of its result, in the language of the page. Pure. */

import type { Wire } from '../../../desk/http/contract.ts';
import type { BatchFinding, ResultHeaders } from '../../../screening/batch/index.ts';
import { hexOf } from '../../api/digest.ts';
import type { Say } from '../../text/index.ts';
import type { Answered } from './use-batch.ts';
import { faultText, isOfNumber, reasonsText } from './words.ts';

/** From which rank on a line is a hit. */
export const HIT_RANK = 3;

const RANKS: Readonly<Record<Wire.ScreeningBand, number>> = {
  SCREENING_BAND_UNSPECIFIED: HIT_RANK,
  SCREENING_BAND_LOOK: HIT_RANK,
  SCREENING_BAND_PROBABLE: 4,
  SCREENING_BAND_CERTAIN: 5,
};

export function rankOf({ fault, hits, outcome }: Wire.ScreeningResult): number {
  if (fault !== undefined) return 0;
  const [hit] = hits;
  if (hit === undefined) return 1;
  return outcome === 'SCREENING_OUTCOME_HIT' ? RANKS[hit.band] : 2;
}

const OUTCOMES = ['screen.outcome.notAsked', 'screen.outcome.noHit', 'screen.outcome.known'] as const;
export const outcomeText = (rank: number, say: Say): string => say(OUTCOMES[rank] ?? 'screen.outcome.hit');

export function findingOf({ question, result }: Answered, say: Say): BatchFinding {
  const rank = rankOf(result);
  const [hit] = result.hits;
  const place = { row: question.row, column: question.column, rank, outcome: outcomeText(rank, say) };
  if (hit === undefined)
    return {
      ...place,
      band: '',
      listed: '',
      entry: '',
      originator: '',
      reasons: result.fault === undefined ? '' : faultText(result.fault),
      screening: result.screeningId,
    };
  return {
    ...place,
    band: say(`screen.band.${hit.band}`),
    ...(isOfNumber(hit) ? {} : { score: Math.round(hit.score * 10) / 10 }),
    listed: hit.listed,
    entry: hexOf(hit.recordId),
    originator: hit.originator,
    reasons: reasonsText(hit, say),
    screening: result.screeningId,
  };
}

export const resultHeaders = (say: Say): ResultHeaders => ({
  outcome: say('screen.outcome'),
  hits: say('screen.hitsInRow'),
  band: say('screen.band'),
  score: say('screen.scoreShort'),
  found: say('screen.found'),
  listed: say('screen.listedAs'),
  entry: say('screen.entry'),
  originator: say('screen.originator'),
  reasons: say('screen.reasons'),
  screening: say('screen.screening'),
});
