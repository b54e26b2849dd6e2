/** One disclosure decided once more: the verdict first, in words; what it rests on folded below. */
import type { Wire } from '../../../desk/http/contract.ts';
import { Icon } from '../../parts/icons.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { sayOr, useText } from '../../text/index.ts';
import { NamedRecord } from './named.tsx';

const LOOKS = {
  REPLAY_VERDICT_UNSPECIFIED: { look: '', icon: 'info' },
  REPLAY_VERDICT_SAME: { look: 'good', icon: 'check' },
  REPLAY_VERDICT_DIFFERS: { look: 'bad', icon: 'alert' },
  REPLAY_VERDICT_NOT_REPLAYABLE: { look: 'warn', icon: 'hidden' },
} as const satisfies Record<Wire.ReplayVerdict, object>;

const facetsIn = (names: readonly string[], none: string): string =>
  names.length === 0 ? none : names.map((name) => sayOr(`facet.${name}`, name)).join(', ');

export function Replayed({ one }: { readonly one: Wire.ReplayedDisclosure }) {
  const say = useText();
  const { look, icon } = LOOKS[one.verdict];
  const none = say('oversight.none');
  const refused =
    one.verdict === 'REPLAY_VERDICT_DIFFERS' && one.permitted.length === 0 && one.replayedBasis === '';
  return (
    <>
      <div className="row spread">
        <h2>
          <NamedRecord kind={one.kind} digest={one.headerDigest} />
        </h2>
        <span className={`chip ${look}`}>
          <Icon name={icon} />
          {sayOr(`oversight.replay.${one.verdict}`, one.verdict)}
        </span>
      </div>
      <p>
        {say('oversight.disclosedTo', { node: one.recipient })} · <Instant ms={msOf(one.at)} />
      </p>
      <p>
        {say('oversight.sent')}: {facetsIn(one.sent, none)}
      </p>
      <p className="soft small">
        {say('oversight.rulesThen')}: <bdi>{one.basis === '' ? none : one.basis}</bdi> ·{' '}
        {say('oversight.policyOfDay')}:{' '}
        <code>
          <bdi>{one.policyDigest === '' ? none : one.policyDigest.slice(0, 16)}</bdi>
        </code>
      </p>
      {one.why !== '' && <p>{sayOr(`oversight.why.${one.why}`, one.why)}</p>}
      {refused && <p>{say('oversight.refusedWhole', { rule: one.receiveRule })}</p>}
      {one.excess.length > 0 && (
        <p>
          <strong>{say('oversight.excess')}</strong>: {facetsIn(one.excess, none)}
        </p>
      )}
      {one.missing.length > 0 && (
        <p>
          <strong>{say('oversight.missing')}</strong>: {facetsIn(one.missing, none)}
        </p>
      )}
      {one.wider.length > 0 && (
        <p>
          <strong>{say('oversight.wider')}</strong>:{' '}
          {facetsIn(
            one.wider.map((name) => (name === 'record' ? say('oversight.wholeRecord') : name)),
            none,
          )}
        </p>
      )}
      {one.basisDiffers && <p>{say('oversight.basisDiffers')}</p>}
      <details>
        <summary>{say('oversight.details')}</summary>
        <dl className="facts">
          <dt>{say('oversight.permitted')}</dt>
          <dd>{facetsIn(one.permitted, none)}</dd>
          <dt>{say('oversight.rulesNow')}</dt>
          <dd>
            <bdi>{one.replayedBasis === '' ? none : one.replayedBasis}</bdi>
          </dd>
          <dt>{say('oversight.decidedBy')}</dt>
          <dd>
            {one.program === ''
              ? none
              : say('oversight.rosterAndProgram', { roster: one.rosterVersion, program: one.program })}
          </dd>
          <dt>{say('oversight.delivery')}</dt>
          <dd>{sayOr(`oversight.state.${one.state}`, one.state)}</dd>
        </dl>
      </details>
    </>
  );
}
