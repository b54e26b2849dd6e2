/** One entry that the question meets: how sure, why, and what to do next. Asking its originator comes first. */
import { useState } from 'react';
import { Link } from 'wouter';
import type { Wire } from '../../../desk/http/contract.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { recordPath } from '../board/row.tsx';
import { Digest } from '../oversight/named.tsx';
import { AskOriginator } from './ask-originator.tsx';
import { Comparison } from './comparison.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import { BAND_SIGNS, isOfNumber, schemeText } from './words.ts';

export function Band({ band }: { readonly band: Wire.ScreeningBand }) {
  const say = useText();
  const { icon, tone } = BAND_SIGNS[band];
  return (
    <span className={`chip band ${tone}`}>
      <Icon name={icon} />
      {say(`screen.band.${band}`)}
    </span>
  );
}

interface HitProps {
  readonly hit: Wire.ScreeningHit;
  /** Empty where it is no hit: nothing is to be decided. */
  readonly screeningId: string;
  readonly question: string;
}

export function Hit({ hit, screeningId, question }: HitProps) {
  const say = useText();
  const withdrawn = msOf(hit.withdrawnAt);
  const [decided, setDecided] = useState<Wire.ScreeningDecision>();
  const decision = decided ?? hit.decision;
  const about = [
    hit.subject !== 'SCREENING_SUBJECT_UNSPECIFIED' && say(`screen.subject.${hit.subject}`),
    hit.kind !== '' && say(`kind.${hit.kind}` as TextKey),
    say('screen.by', { node: hit.originator }),
  ].filter((part) => part !== false);
  return (
    <article className={`card stack hit ${hit.knownFalsePositive ? 'is-known' : ''}`}>
      <header className="stack">
        <div className="row">
          {withdrawn !== 0 && (
            <span className="chip warn">
              <Icon name="recall" />
              {say('screen.withdrawn')}
            </span>
          )}
          {withdrawn !== 0 && (
            <span className="soft small">
              <Instant ms={withdrawn} />
            </span>
          )}
          {withdrawn === 0 && hit.kind !== '' && <Band band={hit.band} />}
          {!isOfNumber(hit) && hit.lines.length > 0 && (
            <span className="soft small">{say('screen.score', { score: hit.score.toFixed(1) })}</span>
          )}
          {hit.knownFalsePositive && (
            <span className="chip">
              <Icon name="check" />
              {say('screen.knownOther')}
            </span>
          )}
        </div>
        {hit.listed !== '' && (
          <h2 className={isOfNumber(hit) ? 'mono' : ''}>
            <Foreign text={hit.listed} />
          </h2>
        )}
        {hit.title !== '' && hit.title !== hit.listed && (
          <p>
            <Foreign text={hit.title} />
          </p>
        )}
        <p className="soft small">
          {isOfNumber(hit) && `${schemeText(hit.scheme)} · `}
          {about.join(' · ')}
          {hit.kind === '' && (
            <>
              {' · '}
              <Digest of={hit.headerDigest} />
            </>
          )}
        </p>
        {hit.requestedActions.length > 0 && (
          <p>
            {say('screen.asksFor')}:{' '}
            <strong>
              {hit.requestedActions.map((action) => sayOr(`code.${action}`, action)).join(', ')}
            </strong>
          </p>
        )}
        {hit.belowGradingFloor && <p className="small">{say('screen.belowFloor')}</p>}
      </header>
      {hit.listed !== '' && <Comparison hit={hit} />}
      {decision && <Decision decision={decision} />}
      {screeningId !== '' && withdrawn === 0 && hit.kind !== '' && (
        <HitActions hit={hit} screeningId={screeningId} question={question} onDecided={setDecided} />
      )}
    </article>
  );
}

function Decision({ decision }: { readonly decision: Wire.ScreeningDecision }) {
  const say = useText();
  return (
    <p className="decision">
      <strong>{say(`screen.verdict.${decision.verdict}`)}</strong> · <Instant ms={msOf(decision.at)} /> ·{' '}
      <Foreign text={decision.reason} most={1_000} />
    </p>
  );
}

function HitActions({
  hit,
  screeningId,
  question,
  onDecided,
}: HitProps & { readonly onDecided: (decision: Wire.ScreeningDecision | undefined) => void }) {
  const say = useText();
  const tell = useToast();
  const [open, setOpen] = useState<'ask' | 'decide'>();
  return (
    <>
      <div className="row no-print">
        <button type="button" className="button primary" onClick={() => setOpen('ask')}>
          <Icon name="send" />
          {say('ask.open')}
        </button>
        <button type="button" className="button" onClick={() => setOpen('decide')}>
          <Icon name="check" />
          {say('screen.decide')}
        </button>
        <Link className="button quiet" href={recordPath(hit.headerDigest)}>
          {say('screen.open')}
        </Link>
      </div>
      {open === 'ask' && (
        <AskOriginator
          hit={hit}
          question={question}
          onClose={() => setOpen(undefined)}
          onDone={() => {
            setOpen(undefined);
            tell(say('screen.asked'));
          }}
        />
      )}
      {open === 'decide' && (
        <DecideDialog
          screeningId={screeningId}
          hit={hit.number}
          onClose={() => setOpen(undefined)}
          onDone={(decision) => {
            setOpen(undefined);
            onDecided(decision);
            tell(say('screen.decided'));
          }}
        />
      )}
    </>
  );
}
