/** Policy: the rules in force and their reasons, why a partner sees what, and how two administrators put another policy in force. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { call, standingNow } from '../../api/client.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useText, wantRecordTexts } from '../../text/index.ts';
import { Draft, type PolicyDraft } from './draft.tsx';
import { Explain } from './explain.tsx';
import { Proposals } from './proposals.tsx';
import { Rules } from './rules.tsx';

void wantRecordTexts();

const TABS = ['rules', 'explain', 'draft', 'proposals'] as const;
type Tab = (typeof TABS)[number];

/** What a role has a use for; the node decides what it may. */
const tabsOf = ({ role }: Me): readonly Tab[] => {
  if (role === 'administrator') return TABS;
  return role === 'auditor' ? ['rules', 'explain', 'proposals'] : ['explain'];
};

interface PolicyPageProps {
  readonly me: Me;
  readonly tab: string | undefined;
  /** Header digest in its form for addresses. */
  readonly digest: string | undefined;
}

export function PolicyPage({ me, tab, digest }: PolicyPageProps) {
  const say = useText();
  const tabs = tabsOf(me);
  const shown = tabs.find((one) => one === tab) ?? tabs[0] ?? 'explain';
  const readsPolicy = tabs.includes('rules');
  const policy = useQuery({
    queryKey: ['policy', 'in-force'],
    queryFn: () => call('PolicyService/GetPolicy', {}),
    enabled: readsPolicy,
  });
  const [draft, setDraft] = useDraft(me.identity);
  const parts = useRef<HTMLElement>(null);
  // Of the parts that do not fit beside each other, the one that is open is in sight.
  useEffect(() => {
    parts.current
      ?.querySelector(`[href$="/${shown}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [shown]);
  return (
    <div className="page policy">
      <h1>{say('nav.policy')}</h1>
      {tabs.length > 1 && (
        <nav className="tabs" ref={parts} aria-label={say('policy.parts')}>
          {tabs.map((one) => (
            <Link key={one} href={`/policy/${one}`} aria-current={one === shown ? 'page' : undefined}>
              {say(`policy.${one}`)}
            </Link>
          ))}
        </nav>
      )}
      {standingNow().mode === 'exercise' && tabs.includes('draft') && (
        <div className="notice warn" role="note">
          <Icon name="alert" />
          <p>{say('policy.exercise')}</p>
        </div>
      )}
      {policy.data?.fileDiffers === true && (
        <div className="notice warn" role="note">
          <Icon name="alert" />
          <p>{say('policy.fileDiffers')}</p>
        </div>
      )}
      {policy.error && <ProblemNotice error={policy.error} retry={() => void policy.refetch()} />}
      {shown === 'explain' ? (
        <Explain digest={digest} me={me} />
      ) : policy.data === undefined ? (
        policy.error === null && <Waiting lines={8} height="2.6rem" />
      ) : shown === 'rules' ? (
        <Rules policy={policy.data} />
      ) : shown === 'draft' ? (
        <Draft policy={policy.data} draft={draft} onDraft={setDraft} />
      ) : (
        <Proposals policy={policy.data} me={me} onDraft={setDraft} />
      )}
    </div>
  );
}

/** Kept for this window and officer alone, so that a look at another page does not cost what was written. */
function useDraft(
  identity: string,
): readonly [PolicyDraft | undefined, (draft: PolicyDraft | undefined) => void] {
  const key = `tocsin-policy-draft ${identity}`;
  const [draft, setDraft] = useState<PolicyDraft | undefined>(() => {
    const kept = sessionStorage.getItem(key);
    return kept === null ? undefined : (JSON.parse(kept) as PolicyDraft);
  });
  useEffect(() => {
    if (draft === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(draft));
  }, [draft, key]);
  return [draft, setDraft];
}
