/** What came of a question: nothing, or hits with their reasons, the surest first. */
import type { Wire } from '../../../desk/http/contract.ts';
import { Icon } from '../../parts/icons.tsx';
import { useText } from '../../text/index.ts';
import { Hit } from './hit.tsx';

export function Result({
  result,
  question,
}: {
  readonly result: Wire.ScreeningResult;
  /** As it is told to the originator. */
  readonly question: string;
}) {
  const say = useText();
  const isHit = result.outcome === 'SCREENING_OUTCOME_HIT';
  const telling = result.hits.filter(({ knownFalsePositive }) => !knownFalsePositive).length;
  return (
    <div className="stack">
      <div className={`notice ${isHit ? 'warn' : 'good'}`} role="status">
        <Icon name={isHit ? 'alert' : 'check'} />
        <div>
          <p>
            <strong>{isHit ? say('screen.hits', { count: telling }) : say('screen.noHit')}</strong>
          </p>
          <p>
            {isHit
              ? say('screen.lead')
              : say(result.hits.length > 0 ? 'screen.allKnown' : 'screen.noHitHint')}{' '}
            {result.more && say('screen.moreHits')}
          </p>
        </div>
      </div>
      <ol className="hits">
        {result.hits.map((hit) => (
          <li key={hit.number}>
            <Hit hit={hit} screeningId={result.screeningId} question={question} />
          </li>
        ))}
      </ol>
      {result.nearestBelow && (
        <details>
          <summary>{say('screen.nearest')}</summary>
          <Hit hit={result.nearestBelow} screeningId="" question={question} />
        </details>
      )}
    </div>
  );
}
