/** Question and entry side by side: what agrees, how, and what it weighs; numbers one below the other with the places that differ. */
import type { Wire } from '../../../desk/http/contract.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { useNumber } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';
import { isOfNumber, lineText, roundedPoints, whatText } from './words.ts';

export function Comparison({ hit }: { readonly hit: Wire.ScreeningHit }) {
  const say = useText();
  const ofNumber = isOfNumber(hit);
  return (
    <div className="stack">
      {ofNumber && <p>{say(`screen.agreement.${hit.agreement}`)}</p>}
      {hit.alignment && <Aligned alignment={hit.alignment} />}
      {hit.lines.length > 0 && (
        <TableFrame label={say('screen.compared')}>
          <table className="table comparison">
            <thead>
              <tr>
                <th scope="col">{say('screen.inQuery')}</th>
                <th scope="col">{say('screen.inEntry')}</th>
                <th scope="col">{say('screen.how')}</th>
                {!ofNumber && (
                  <th scope="col" className="points">
                    {say('screen.points')}
                  </th>
                )}
              </tr>
            </thead>
            <Lines lines={hit.lines} withPoints={!ofNumber} />
            {!ofNumber && (
              <tfoot>
                <tr>
                  <th scope="row" colSpan={3}>
                    {say('screen.sum')}
                  </th>
                  <td className="points">{hit.score.toFixed(1)}</td>
                </tr>
              </tfoot>
            )}
          </table>
        </TableFrame>
      )}
      {hit.notCompared.length > 0 && (
        <p className="small">
          <span className="soft">{say('screen.notCompared')}:</span>{' '}
          {hit.notCompared
            .map(({ what, missingIn }) => `${whatText(what)} (${say(`screen.missing.${missingIn}`)})`)
            .join(', ')}
        </p>
      )}
    </div>
  );
}

function Lines({
  lines,
  withPoints,
}: {
  readonly lines: readonly Wire.ScreeningLine[];
  readonly withPoints: boolean;
}) {
  const say = useText();
  const number = useNumber();
  const points = roundedPoints(lines);
  return (
    <tbody>
      {lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines stand in one order, and may be alike
        <tr key={at}>
          <td>
            <Foreign text={line.query} />
          </td>
          <td>
            <Foreign text={line.listed} />
          </td>
          <td>
            {lineText(line, say)}
            {line.oneIn > 0 && (
              <span className="soft small one-in">
                {say('screen.oneIn', { count: number(Math.round(line.oneIn)) })}
              </span>
            )}
          </td>
          {withPoints && (
            <td className="points" dir="ltr">
              {(points[at] ?? 0) < 0 ? '−' : '+'}
              {Math.abs(points[at] ?? 0).toFixed(1)}
            </td>
          )}
        </tr>
      ))}
    </tbody>
  );
}

function Aligned({ alignment }: { readonly alignment: Wire.ScreeningAlignment }) {
  const say = useText();
  const marked = (text: string) =>
    [...text].map((sign, at) =>
      alignment.differs.includes(at) ? (
        // biome-ignore lint/suspicious/noArrayIndexKey: a place is what it is
        <mark key={at}>{sign}</mark>
      ) : (
        sign
      ),
    );
  return (
    <dl className="aligned">
      <dt>{say('screen.inQuery')}</dt>
      <dd dir="ltr">{marked(alignment.query)}</dd>
      <dt>{say('screen.inEntry')}</dt>
      <dd dir="ltr">{marked(alignment.listed)}</dd>
    </dl>
  );
}
