/** Every use of break-glass: who, why, which facets, and what the originator said of it. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, msOf } from '../../parts/time.tsx';
import { sayOr, useText } from '../../text/index.ts';

export function Openings() {
  const say = useText();
  const found = useQuery({
    queryKey: ['openings'],
    queryFn: () => call('BreakGlassService/ListOpenings', { pageSize: 200 }),
  });
  if (found.error) return <ProblemNotice error={found.error} />;
  if (!found.data) return <Waiting lines={4} height="4rem" />;
  if (found.data.openings.length === 0) return <Empty icon="eye" title={say('oversight.noOpenings')} />;
  return (
    <ul className="stack">
      {found.data.openings.map((one) => (
        <li key={one.opening} className="card stack">
          <div className="row spread">
            <h3>
              <Foreign text={one.officer} most={60} /> · {one.node}
            </h3>
            <span className={`chip ${one.verdict === 'BREAK_GLASS_VERDICT_UNSPECIFIED' ? 'warn' : 'good'}`}>
              {sayOr(`verdict.${one.verdict}`, one.verdict)}
            </span>
          </div>
          <p>
            <Foreign text={one.reason} most={400} />
          </p>
          <p className="soft small">
            {one.facets.map((facet) => sayOr(`facet.${facet}`, facet)).join(', ')} ·{' '}
            <Ago ms={msOf(one.openedAt)} /> · {say('oversight.readings', { count: one.readings })}
          </p>
        </li>
      ))}
    </ul>
  );
}
