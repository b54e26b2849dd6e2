/** How much each officer read, searched, previewed and exported on each day; the days that stand out come first. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { useDay, useNumber } from '../../parts/time.tsx';
import { sayOr, useText } from '../../text/index.ts';

const COUNTS = ['reads', 'searches', 'previews', 'exports'] as const;

export function Officers() {
  const say = useText();
  const day = useDay();
  const number = useNumber();
  const found = useQuery({
    queryKey: ['oversight', 'officers'],
    queryFn: () => call('OversightService/ListOfficerActivity', {}),
  });
  if (found.error) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Waiting lines={8} height="2.2rem" />;
  const { days, more } = found.data;
  if (days.length === 0) return <Empty icon="user" title={say('oversight.noActivity')} />;
  return (
    <>
      <p className="soft">{say('oversight.officersHint')}</p>
      <TableFrame label={say('oversight.officers')}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{say('oversight.who')}</th>
              <th scope="col">{say('oversight.finding')}</th>
              <th scope="col">{say('oversight.day')}</th>
              {COUNTS.map((count) => (
                <th key={count} scope="col">
                  {say(`oversight.${count}`)}
                </th>
              ))}
              <th scope="col">{say('oversight.busiestHour')}</th>
            </tr>
          </thead>
          <tbody>
            {days.map((one) => (
              <tr key={`${one.officer} ${one.deskGroup} ${one.day}`}>
                <td className="who">
                  <Foreign text={one.name} most={60} />
                  <br />
                  <span className="soft small">{sayOr(`deskGroup.${one.deskGroup}`, one.deskGroup)}</span>
                </td>
                <td>
                  {one.outliers.map((outlier) => (
                    <span key={outlier.activity} className="chip bad">
                      <Icon name="alert" />
                      {say('oversight.outlier', {
                        what: sayOr(`oversight.${outlier.activity}`, outlier.activity),
                        count: number(outlier.count),
                        bound: number(Math.floor(outlier.bound)),
                      })}
                    </span>
                  ))}
                  {one.outliers.length === 0 && <span className="soft">{say('oversight.usual')}</span>}
                </td>
                <td>{day(Number(one.day))}</td>
                {COUNTS.map((count) => (
                  <td key={count}>{number(one[count])}</td>
                ))}
                <td>
                  <bdi>{String(one.busiestHour).padStart(2, '0')}:00 UTC</bdi> · {number(one.inBusiestHour)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      {more && <p className="soft">{say('oversight.more')}</p>}
    </>
  );
}
