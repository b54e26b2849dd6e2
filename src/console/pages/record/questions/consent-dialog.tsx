/** Permission to pass an own record on, or to use it as evidence: drafted here, released by a second officer. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ResponseOf, Wire } from '../../../../desk/http/contract.ts';
import { call } from '../../../api/client.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { Field } from '../../../parts/field.tsx';
import { ForeignText } from '../../../parts/foreign.tsx';
import { ProblemNotice } from '../../../parts/problem.tsx';
import { useText } from '../../../text/index.ts';
import { Facets, Nodes } from './pickers.tsx';

const DAY_MS = 86_400_000;
const DAYS = [1, 7, 30, 90, 365] as const;

interface ConsentDialogProps {
  readonly shown: ResponseOf<'RecordService/GetRecord'>;
  /** What it answers; absent where nobody asked. */
  readonly about: Wire.AskedTasking | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function ConsentDialog({ shown, about, onClose, onDone }: ConsentDialogProps) {
  const say = useText();
  const [facets, setFacets] = useState<readonly string[]>(about?.facets ?? []);
  const [to, setTo] = useState<readonly string[]>(about?.nodes ?? []);
  const [conditions, setConditions] = useState('');
  const [days, setDays] = useState(30);
  const evidence = about?.type === 'TASKING_TYPE_CONSENT_EVIDENCE';
  const consent = useMutation({
    mutationFn: () =>
      call('OnwardService/DraftConsent', {
        headerDigest: shown.record?.headerDigest ?? '',
        facets: [...facets],
        to: [...to],
        conditions: conditions.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()])),
        expires: String(Date.now() + days * DAY_MS),
        evidence,
      }),
    onSuccess: onDone,
  });
  return (
    <Dialog title={say(evidence ? 'consent.evidence' : 'consent.offer')} onClose={onClose} wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          consent.mutate();
        }}
      >
        {about && about.question !== '' && <ForeignText text={about.question} />}
        <Facets shown={shown} chosen={facets} onChange={setFacets} />
        <Nodes chosen={to} onChange={setTo} except={[]} />
        <Field label={say('consent.conditions')} hint={say('form.onePerLine')}>
          {(control) => (
            <textarea
              {...control}
              className="input"
              dir="auto"
              rows={3}
              value={conditions}
              onChange={(event) => setConditions(event.target.value)}
            />
          )}
        </Field>
        <Field label={say('consent.days')}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={days}
              onChange={(event) => setDays(Number(event.target.value))}
            >
              {DAYS.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          )}
        </Field>
        <p className="soft small">{say('compose.submitHint')}</p>
        {consent.error && <ProblemNotice error={consent.error} />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {say('action.cancel')}
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={consent.isPending || facets.length === 0 || to.length === 0}
          >
            {say('compose.submit')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
