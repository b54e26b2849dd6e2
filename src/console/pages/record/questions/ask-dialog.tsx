/** A question to the originator: what is asked, for what purpose, on which ground, by when. Consents are asked for here as well. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ResponseOf, Wire } from '../../../../desk/http/contract.ts';
import { call, standingNow } from '../../../api/client.ts';
import { useMe } from '../../../api/session.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { Field } from '../../../parts/field.tsx';
import { ProblemNotice } from '../../../parts/problem.tsx';
import { type TextKey, useText } from '../../../text/index.ts';
import { Facets, Nodes } from './pickers.tsx';

const TYPES = [
  'VERIFY_HIT',
  'INSPECT',
  'INFORMATION',
  'CONSENT_ONWARD',
  'CONSENT_EVIDENCE',
  'PRESERVE_DATA',
  'ACCOUNT_FOR',
  'SPECIMEN',
  'TAKE_OVER',
] as const;
const PRIORITIES = ['flash', 'immediate', 'priority', 'routine'] as const;
const QUESTION_LENGTH = 2_000;
const DAY_MS = 86_400_000;
/** Until when a consent is asked for. */
const CONSENT_DUE_MS = 7 * DAY_MS;

const purposeOf = (word: string): Wire.Purpose =>
  `PURPOSE_${word.toUpperCase().replaceAll('-', '_')}` as Wire.Purpose;

interface AskDialogProps {
  readonly shown: ResponseOf<'RecordService/GetRecord'>;
  /** What stands in the question at first. */
  readonly question?: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function AskDialog({ shown, question: begun = '', onClose, onDone }: AskDialogProps) {
  const say = useText();
  const { data: me } = useMe();
  const headerDigest = shown.record?.headerDigest ?? '';
  const [type, setType] = useState<(typeof TYPES)[number]>('VERIFY_HIT');
  const [question, setQuestion] = useState(begun);
  const [purpose, setPurpose] = useState(standingNow().purpose || (me?.purposes[0] ?? ''));
  const [legalBasis, setLegalBasis] = useState('');
  const [priority, setPriority] = useState<(typeof PRIORITIES)[number]>('priority');
  const [facets, setFacets] = useState<readonly string[]>([]);
  const [to, setTo] = useState<readonly string[]>([]);
  const onward = type === 'CONSENT_ONWARD';
  const consent = onward || type === 'CONSENT_EVIDENCE';
  const ask = useMutation({
    mutationFn: (): Promise<unknown> =>
      consent
        ? call('OnwardService/AskConsent', {
            headerDigest,
            facets: [...facets],
            to: onward ? [...to] : [],
            question,
            evidence: !onward,
            due: String(Date.now() + CONSENT_DUE_MS),
          })
        : call('TaskingService/AskOriginator', {
            headerDigest,
            type: `TASKING_TYPE_${type}`,
            question,
            purpose: purposeOf(purpose),
            legalBasis,
            priority: `PRIORITY_${priority.toUpperCase()}` as Wire.Priority,
          }),
    onSuccess: onDone,
  });
  return (
    <Dialog title={say('ask.title', { node: shown.record?.originator ?? '' })} onClose={onClose} wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate();
        }}
      >
        <Field label={say('ask.type')}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={type}
              onChange={(event) => setType(event.target.value as typeof type)}
            >
              {TYPES.map((one) => (
                <option key={one} value={one}>
                  {say(`tasking.TASKING_TYPE_${one}` as TextKey)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {consent && <Facets shown={shown} chosen={facets} onChange={setFacets} />}
        {onward && <Nodes chosen={to} onChange={setTo} except={[shown.record?.originator ?? '']} />}
        <Field label={say('ask.question')} hint={say('ask.hint')}>
          {(control) => (
            <textarea
              {...control}
              className="input"
              dir="auto"
              rows={4}
              required
              maxLength={QUESTION_LENGTH}
              value={question}
              onChange={(event) => setQuestion(event.target.value)}
            />
          )}
        </Field>
        {!consent && (
          <>
            <Field label={say('ask.purpose')}>
              {(control) => (
                <select
                  {...control}
                  className="input"
                  value={purpose}
                  onChange={(event) => setPurpose(event.target.value)}
                >
                  {(me?.purposes ?? []).map((one) => (
                    <option key={one} value={one}>
                      {say(`purpose.${one}` as TextKey)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field label={say('compose.priority')} hint={say('ask.clock')}>
              {(control) => (
                <select
                  {...control}
                  className="input"
                  value={priority}
                  onChange={(event) => setPriority(event.target.value as typeof priority)}
                >
                  {PRIORITIES.map((one) => (
                    <option key={one} value={one}>
                      {say(`priority.${one}`)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field label={say('ask.legalBasis')}>
              {(control) => (
                <input
                  {...control}
                  className="input"
                  dir="auto"
                  maxLength={500}
                  value={legalBasis}
                  onChange={(event) => setLegalBasis(event.target.value)}
                />
              )}
            </Field>
          </>
        )}
        {ask.error && <ProblemNotice error={ask.error} />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {say('action.cancel')}
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={ask.isPending || (consent && facets.length === 0) || (onward && to.length === 0)}
          >
            {say('ask.do')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
