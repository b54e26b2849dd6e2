/** Duties whose time is past: reviews, openings, second signatures, answers. The longest overdue first. */
import { useQuery } from '@tanstack/react-query';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, msOf } from '../../parts/time.tsx';
import { sayOr, useText } from '../../text/index.ts';
import { NamedRecord } from './named.tsx';

const ICONS: Readonly<Record<Wire.OverdueDuty, IconName>> = {
  OVERDUE_DUTY_UNSPECIFIED: 'clock',
  OVERDUE_DUTY_REVIEW: 'refresh',
  OVERDUE_DUTY_BREAK_GLASS: 'eye',
  OVERDUE_DUTY_COUNTERSIGN: 'compose',
  OVERDUE_DUTY_TASKING: 'send',
};

export function Overdue() {
  const say = useText();
  const found = useQuery({
    queryKey: ['oversight', 'overdue'],
    queryFn: () => call('OversightService/ListOverdueReviews', {}),
  });
  if (found.error) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Waiting lines={5} height="4rem" />;
  const { items, more } = found.data;
  if (items.length === 0)
    return (
      <Empty icon="check" title={say('oversight.nothingOverdue')}>
        <p className="soft">{say('oversight.nothingOverdueHint')}</p>
      </Empty>
    );
  return (
    <>
      <ul className="stack">
        {items.map((item) => (
          <li key={`${item.duty} ${item.headerDigest}`} className="card stack">
            <div className="row spread">
              <h2 className="row">
                <Icon name={ICONS[item.duty]} />
                {sayOr(`oversight.duty.${item.duty}`, item.duty)}
              </h2>
              <span className="chip bad">
                <Icon name="clock" />
                <Ago ms={msOf(item.since)} />
              </span>
            </div>
            <p>
              <NamedRecord kind={item.kind} digest={item.headerDigest} />
            </p>
            <p className="soft small">
              {say('oversight.originator', { node: item.originator })} ·{' '}
              {sayOr(`deskGroup.${item.deskGroup.slice('DESK_GROUP_'.length).toLowerCase()}`, item.deskGroup)}
            </p>
          </li>
        ))}
      </ul>
      {more && <p className="soft">{say('oversight.more')}</p>}
    </>
  );
}
