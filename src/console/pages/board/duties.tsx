/** What waits for this officer, the most urgent first. */
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Wire } from '../../../desk/http/contract.ts';
import { read } from '../../api/kept.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { Ago, msOf, useNow } from '../../parts/time.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { recordPath } from './row.tsx';

const ICONS: Readonly<Record<string, IconName>> = {
  DUTY_KIND_RELEASE: 'send',
  DUTY_KIND_REWORK: 'recall',
  DUTY_KIND_COUNTERSIGN: 'flash',
  DUTY_KIND_REVIEW_OPENING: 'eye',
  DUTY_KIND_ANSWER: 'info',
  DUTY_KIND_READ_ANSWER: 'info',
  DUTY_KIND_DECIDE_PRIVATE_SCREENING: 'search',
  DUTY_KIND_READ_PRIVATE_ANSWER: 'search',
  DUTY_KIND_RING_UP: 'hotline',
};

/** Of many, those that are due first; the page of drafts has the rest. */
const SHOWN = 6;

/** They name nobody: what they are about stands on its own page. */
const PRIVATE = ['DUTY_KIND_DECIDE_PRIVATE_SCREENING', 'DUTY_KIND_READ_PRIVATE_ANSWER'];
const isPrivate = ({ kind }: Wire.Duty): boolean => PRIVATE.includes(kind);

const pathOf = (duty: Wire.Duty): string => {
  if (isPrivate(duty)) return '/screen/private';
  return duty.draftId === '' ? recordPath(duty.headerDigest) : `/draft/${duty.draftId}`;
};

export function Duties() {
  const say = useText();
  const now = useNow();
  const duties = useQuery({ queryKey: ['duties'], queryFn: () => read('BoardService/ListDuties', {}) });
  const all = duties.data?.duties ?? [];
  if (all.length === 0) return null;
  return (
    <section className="duties" aria-labelledby="duties-title">
      <h2 id="duties-title">{say('duties.title', { count: all.length })}</h2>
      <ul>
        {all.slice(0, SHOWN).map((duty) => {
          const overdue = msOf(duty.dueAt) !== 0 && msOf(duty.dueAt) < now;
          return (
            <li key={`${duty.kind} ${duty.draftId}${duty.headerDigest} ${duty.since}`}>
              <Link href={pathOf(duty)} className={`card duty${overdue ? ' overdue' : ''}`}>
                <Icon name={ICONS[duty.kind] ?? 'clock'} />
                <span className="stack">
                  <strong>{say(`duty.${duty.kind}` as TextKey)}</strong>
                  {!isPrivate(duty) && (
                    <span>
                      <Foreign text={duty.title || say(`kind.${duty.recordKind}` as TextKey)} most={90} />
                    </span>
                  )}
                  <span className="soft small">
                    {duty.from !== '' && (
                      <>
                        <Foreign text={duty.from} most={40} />
                        {' · '}
                      </>
                    )}
                    <Ago ms={msOf(duty.dueAt) || msOf(duty.since)} />
                    {overdue && ` · ${say('board.overdue')}`}
                  </span>
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
