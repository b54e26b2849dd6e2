/** What was screened against: whose lists, how many entries, how new. A `no hit` is worth no more than that. */
import type { Wire } from '../../../desk/http/contract.ts';
import { TableFrame } from '../../parts/table-frame.tsx';
import { Instant, msOf, useNumber } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';

export function Against({ against }: { readonly against: Wire.ScreenedAgainst | undefined }) {
  const say = useText();
  const number = useNumber();
  if (against === undefined) return null;
  return (
    <details className="against">
      <summary>
        {say('screen.against')}:{' '}
        {against.lists.length === 0
          ? say('screen.againstNothing')
          : against.lists.map(({ originator, entries }) => `${originator} ${number(entries)}`).join(', ')}
      </summary>
      <div className="stack">
        <TableFrame label={say('screen.against')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{say('screen.originator')}</th>
                <th scope="col">{say('screen.entries')}</th>
                <th scope="col">{say('screen.newest')}</th>
              </tr>
            </thead>
            <tbody>
              {against.lists.map(({ originator, entries, newest }) => (
                <tr key={originator}>
                  <th scope="row">{originator}</th>
                  <td>{number(entries)}</td>
                  <td>
                    <Instant ms={msOf(newest)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
        <p className="soft small">
          {say('screen.rules', { version: against.ruleVersion, cut: against.cut })}
        </p>
      </div>
    </details>
  );
}
