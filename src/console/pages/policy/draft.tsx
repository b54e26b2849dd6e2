/** A national policy in the making: written or started from a template, checked as it is typed, compared, proposed. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Field } from '../../parts/field.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { ComparisonResult, useComparison } from './comparison.tsx';
import { Editor, goTo } from './editor.tsx';
import type { PolicyInForce } from './rules.tsx';
import { TextChanges } from './text-changes.tsx';

export interface PolicyDraft {
  readonly text: string;
  readonly reason: string;
  /** Digest of the policy that it was begun against. */
  readonly base: string;
}

const CHECK_AFTER_MS = 500;
const REASON_LENGTH = 2_000;

interface DraftProps {
  readonly policy: PolicyInForce;
  readonly draft: PolicyDraft | undefined;
  readonly onDraft: (draft: PolicyDraft | undefined) => void;
}

export function Draft({ policy, draft, onDraft }: DraftProps) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const editor = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const comparison = useComparison();
  const { text, reason, base } = draft ?? { text: policy.national, reason: '', base: policy.digest };
  const set = (change: Partial<PolicyDraft>) => onDraft({ text, reason, base, ...change });
  const check = useCheck(text);
  const faults = check.data?.faults ?? [];
  const severe = faults.filter((fault) => fault.severe);
  const isChanged = text !== policy.national;
  const isStale = base !== policy.digest;
  const propose = useMutation({
    mutationFn: () => call('PolicyService/ProposePolicy', { policy: text, reason, base }),
    onSuccess() {
      onDraft(undefined);
      tell(say('policy.proposed'));
      void client.invalidateQueries({ queryKey: ['policy'] });
      go('/policy/proposals');
    },
  });
  const start = (from: string) => set({ text: from, base: policy.digest });
  const ready = isChanged && !isStale && check.isCurrent && severe.length === 0;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        propose.mutate();
      }}
    >
      <p className="soft">{say('policy.draftHint')}</p>
      {isStale && (
        <div className="notice warn" role="note">
          <Icon name="alert" />
          <div className="stack">
            <p>{say('policy.draftStale')}</p>
            <div>
              <button type="button" className="button" onClick={() => set({ base: policy.digest })}>
                {say('policy.draftRebase')}
              </button>
            </div>
          </div>
        </div>
      )}
      <div className="row">
        <span className="soft">{say('policy.startFrom')}</span>
        <button type="button" className="button" onClick={() => start(policy.national)}>
          {say('policy.startInForce')}
        </button>
        {policy.templates.map((template) => (
          <button key={template.name} type="button" className="button" onClick={() => start(template.text)}>
            {sayOr(`policyTemplate.${template.name}`, template.name)}
          </button>
        ))}
      </div>
      <div className="field">
        <label htmlFor={editor}>{say('policy.text')}</label>
        <Editor
          id={editor}
          describedBy={`${editor}-faults`}
          text={text}
          onText={(next) => set({ text: next })}
          faulty={new Set(severe.map(({ line }) => line))}
          field={field}
        />
        <Faults
          id={`${editor}-faults`}
          faults={faults}
          checked={check.data !== undefined}
          onGo={({ line, column }) => field.current && goTo(field.current, line, column)}
        />
      </div>
      {check.error && <ProblemNotice error={check.error} retry={() => void check.refetch()} />}
      {isChanged && (
        <details className="card">
          <summary>{say('policy.against')}</summary>
          <TextChanges before={policy.national} after={text} />
        </details>
      )}
      <div>
        <button
          type="button"
          className="button"
          disabled={!check.isCurrent || severe.length > 0}
          onClick={() => comparison.start(text)}
        >
          <Icon name="eye" />
          {say('comparison.start')}
        </button>
      </div>
      <ComparisonResult compared={comparison.compared?.text === text ? comparison.compared : undefined} />
      <Field label={say('policy.reason')} hint={say('policy.reasonHint')}>
        {(control) => (
          <textarea
            {...control}
            className="input"
            required
            maxLength={REASON_LENGTH}
            value={reason}
            onChange={(event) => set({ reason: event.target.value })}
          />
        )}
      </Field>
      {propose.error && <ProblemNotice error={propose.error} />}
      <div className="row">
        <button
          type="submit"
          className="button primary"
          disabled={!ready || reason.trim() === '' || propose.isPending}
        >
          {say('policy.propose')}
        </button>
        {draft !== undefined && (
          <button type="button" className="button" onClick={() => onDraft(undefined)}>
            {say('policy.discard')}
          </button>
        )}
      </div>
    </form>
  );
}

/** Faults of a text once nobody types; those of the text before stay in sight until then. */
function useCheck(text: string) {
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), CHECK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const check = useQuery({
    queryKey: ['policy-check', asked],
    queryFn: () => call('PolicyService/CheckPolicy', { policy: asked }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isCurrent = asked === text && check.data !== undefined && !check.isPlaceholderData;
  return { ...check, isCurrent };
}

interface FaultsProps {
  readonly id: string;
  readonly faults: readonly Wire.PolicyFault[];
  readonly checked: boolean;
  readonly onGo: (fault: Wire.PolicyFault) => void;
}

function Faults({ id, faults, checked, onGo }: FaultsProps) {
  const say = useText();
  return (
    <div id={id} className="stack" aria-live="polite">
      {checked && faults.length === 0 && (
        <p className="row good">
          <Icon name="check" />
          {say('policy.noFaults')}
        </p>
      )}
      {faults.length > 0 && (
        <>
          <p>{say('policy.faults', { count: faults.length })}</p>
          <ul className="policy-faults">
            {faults.map((fault) => (
              <li key={`${fault.line} ${fault.column} ${fault.code} ${fault.message}`}>
                <span className={`chip ${fault.severe ? 'bad' : 'warn'}`}>
                  {say(`policy.${fault.severe ? 'fault' : 'warning'}` as TextKey)}
                </span>{' '}
                <button type="button" className="link" onClick={() => onGo(fault)}>
                  {say('policy.line', { line: fault.line })}
                </button>{' '}
                <Foreign text={fault.message} most={400} /> <code>{fault.code}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
