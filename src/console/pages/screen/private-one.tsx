/** One question to partners in private: who asked and why, the second officer's word, and what came of each partner. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { useMe } from '../../api/session.ts';
import { Field } from '../../parts/field.tsx';
import { Foreign, ForeignText } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { PRIVATE_KEY } from './use-private.ts';

/** Roles that approve; the node decides. */
const APPROVERS = ['releaser', 'controller'];

export function PrivateOne({ one }: { readonly one: Wire.PrivateScreening }) {
  const say = useText();
  const { names = [], identifiers = [], partners = [], reason = '' } = one.question ?? {};
  const asked = [...names, ...identifiers.map(({ value = '' }) => value)];
  const isOpen = one.state === 'PRIVATE_SCREENING_STATE_OPEN';
  return (
    <section className="card stack" aria-label={`${say('screen.private')}: ${asked[0] ?? ''}`}>
      <div className="row spread">
        <strong>
          {asked.map((text, at) => (
            <span key={text}>
              {at > 0 && ' · '}
              <Foreign text={text} most={120} />
            </span>
          ))}
        </strong>
        <span className={isOpen ? 'chip warn' : 'chip'}>{say(`private.state.${one.state}`)}</span>
      </div>
      <p className="soft small">
        {say('private.askedBy')} <Foreign text={one.asker} /> · <Instant ms={msOf(one.askedAt)} /> ·{' '}
        {partners.join(' ')}
      </p>
      <ForeignText text={reason} />
      {one.decider !== '' && (
        <p className="soft small">
          {say('private.decidedBy')} <Foreign text={one.decider} /> · <Instant ms={msOf(one.decidedAt)} />
          {one.note !== '' && (
            <>
              {' · '}
              <Foreign text={one.note} />
            </>
          )}
        </p>
      )}
      {one.answers.length > 0 && (
        <ul className="stack">
          {one.answers.map((answer) => (
            <li key={answer.partner}>
              <PartnerAnswer answer={answer} />
            </li>
          ))}
        </ul>
      )}
      {isOpen && <Decide one={one} />}
    </section>
  );
}

const LOOKS = {
  PRIVATE_SCREENING_OUTCOME_UNSPECIFIED: ['', 'clock'],
  PRIVATE_SCREENING_OUTCOME_NO_HIT: ['good', 'check'],
  PRIVATE_SCREENING_OUTCOME_HIT: ['warn', 'alert'],
  PRIVATE_SCREENING_OUTCOME_FAILED: ['bad', 'offline'],
} as const;

function PartnerAnswer({ answer }: { readonly answer: Wire.PrivateScreeningAnswer }) {
  const say = useText();
  const [look, icon] = LOOKS[answer.outcome];
  return (
    <div className={`notice ${look}`}>
      <Icon name={icon} />
      <div className="stack">
        <p>
          <strong>
            {answer.partner}: {say(`private.outcome.${answer.outcome}`)}
          </strong>
        </p>
        {answer.code !== '' && <p>{sayOr(`private.code.${answer.code}`, answer.message)}</p>}
        {answer.hits.length > 0 && (
          <p>
            {say('private.lead')} {answer.more && say('screen.moreHits')}
          </p>
        )}
        {answer.hits.map((hit) => (
          <div key={hit.taskingDigest} className="small">
            {(hit.tasking?.answers ?? []).length === 0 && <p>{say('private.waiting')}</p>}
            {hit.tasking?.answers.map((said) => (
              <div key={said.headerDigest}>
                <p>
                  <strong>{say(`outcome.${said.outcome}` as TextKey)}</strong> ·{' '}
                  <Instant ms={msOf(said.at)} />
                </p>
                {said.text !== '' && <ForeignText text={said.text} />}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Decide({ one }: { readonly one: Wire.PrivateScreening }) {
  const say = useText();
  const client = useQueryClient();
  const { data: me } = useMe();
  const [isDeclining, setDeclining] = useState(false);
  const [note, setNote] = useState('');
  const decide = useMutation({
    mutationFn: (approve: boolean) =>
      call('ScreeningService/DecidePrivateScreening', { id: one.id, approve, note: note.trim() }),
    onSettled: () => client.invalidateQueries({ queryKey: PRIVATE_KEY }),
  });
  const mayApprove = APPROVERS.includes(me?.role ?? '');
  if (!mayApprove && !one.own) return null;
  return (
    <div className="stack">
      {one.own && <p className="soft small">{say('private.own')}</p>}
      {isDeclining && (
        <Field label={say('private.note')}>
          {(control) => (
            <textarea
              {...control}
              className="input"
              dir="auto"
              rows={2}
              maxLength={2_000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
      )}
      {decide.error && <ProblemNotice error={decide.error} />}
      <p className="soft small" role="status">
        {decide.isPending && decide.variables && say('private.asking')}
      </p>
      <div className="row">
        {mayApprove && !one.own && !isDeclining && (
          <button
            type="button"
            className="button primary"
            disabled={decide.isPending}
            onClick={() => decide.mutate(true)}
          >
            <Icon name="check" />
            {say('private.approve')}
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={decide.isPending || (isDeclining && note.trim() === '')}
          onClick={() => (isDeclining ? decide.mutate(false) : setDeclining(true))}
        >
          {say(one.own ? 'private.takeBack' : 'private.decline')}
        </button>
        {isDeclining && (
          <button type="button" className="button" onClick={() => setDeclining(false)}>
            {say('action.cancel')}
          </button>
        )}
      </div>
    </div>
  );
}
