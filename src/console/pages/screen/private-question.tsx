/** What is to be asked of partners in private, of whom and why: handed to a second officer. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../../api/client.ts';
import { Field } from '../../parts/field.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useText } from '../../text/index.ts';
import { PRIVATE_KEY } from './use-private.ts';

const SCHEMES = ['document', 'entity', 'imo', 'mmsi', 'icao24', 'aircraft-serial'] as const;
type Scheme = (typeof SCHEMES)[number];

const EMPTY = {
  names: '',
  scheme: 'document' as Scheme,
  country: '',
  number: '',
  reason: '',
  question: '',
};

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

export function PrivateQuestion({ partners }: { readonly partners: readonly string[] }) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const [left, setLeft] = useState<readonly string[]>([]);
  const set = (change: Partial<typeof EMPTY>) => setDraft({ ...draft, ...change });
  const chosen = partners.filter((partner) => !left.includes(partner));
  const names = linesOf(draft.names);
  const number = draft.number.trim();
  const hand = useMutation({
    mutationFn: () =>
      call('ScreeningService/PrivateScreen', {
        names,
        identifiers:
          number === ''
            ? []
            : [
                {
                  scheme: draft.scheme,
                  country: draft.scheme === 'document' ? draft.country.trim().toUpperCase() : '',
                  value: number,
                },
              ],
        partners: chosen,
        reason: draft.reason.trim(),
        question: draft.question.trim(),
      }),
    onSuccess: () => {
      setDraft(EMPTY);
      setLeft([]);
      tell(say('private.handed'));
      void client.invalidateQueries({ queryKey: PRIVATE_KEY });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    hand.mutate();
  };
  return (
    <form className="card stack" onSubmit={submit} aria-label={say('screen.private')}>
      <p className="soft">{say('private.hint')}</p>
      <Field label={say('private.names')} hint={say('private.namesHint')}>
        {(control) => (
          <textarea
            {...control}
            className="input"
            dir="auto"
            rows={2}
            spellCheck={false}
            autoComplete="off"
            maxLength={4_800}
            value={draft.names}
            onChange={(event) => set({ names: event.target.value })}
          />
        )}
      </Field>
      <div className="besides-fields">
        <Field label={say('private.scheme')}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={draft.scheme}
              onChange={(event) => set({ scheme: event.target.value as Scheme })}
            >
              {SCHEMES.map((one) => (
                <option key={one} value={one}>
                  {say(`private.scheme.${one}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {draft.scheme === 'document' && (
          <Field label={say('private.issuedBy')} hint={say('private.issuedByHint')}>
            {(control) => (
              <input
                {...control}
                className="input"
                autoComplete="off"
                maxLength={2}
                value={draft.country}
                onChange={(event) => set({ country: event.target.value })}
              />
            )}
          </Field>
        )}
        <Field label={say('private.number')}>
          {(control) => (
            <input
              {...control}
              className="input"
              dir="auto"
              autoComplete="off"
              maxLength={64}
              value={draft.number}
              onChange={(event) => set({ number: event.target.value })}
            />
          )}
        </Field>
      </div>
      <fieldset className="picker">
        <legend>{say('private.partners')}</legend>
        {partners.map((partner) => (
          <label key={partner} className="check">
            <input
              type="checkbox"
              checked={chosen.includes(partner)}
              onChange={(event) =>
                setLeft(event.target.checked ? left.filter((one) => one !== partner) : [...left, partner])
              }
            />
            {partner}
          </label>
        ))}
      </fieldset>
      <Field label={say('private.why')} hint={say('private.whyHint')}>
        {(control) => (
          <textarea
            {...control}
            className="input"
            dir="auto"
            rows={2}
            required
            maxLength={2_000}
            value={draft.reason}
            onChange={(event) => set({ reason: event.target.value })}
          />
        )}
      </Field>
      <Field label={say('private.question')} hint={say('private.questionHint')}>
        {(control) => (
          <textarea
            {...control}
            className="input"
            dir="auto"
            rows={2}
            maxLength={2_000}
            value={draft.question}
            onChange={(event) => set({ question: event.target.value })}
          />
        )}
      </Field>
      {hand.error && <ProblemNotice error={hand.error} />}
      <div className="row">
        <button
          type="submit"
          className="button primary"
          disabled={
            hand.isPending ||
            (names.length === 0 && number === '') ||
            chosen.length === 0 ||
            draft.reason.trim() === ''
          }
        >
          <Icon name="send" />
          {say('private.ask')}
        </button>
      </div>
    </form>
  );
}
