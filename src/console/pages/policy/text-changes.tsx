/** One text beside another, line by line: what went, what came, and a few lines around. */

import { seen } from '../../parts/seen.ts';
import { TableFrame } from '../../parts/table-frame.tsx';
import { useText } from '../../text/index.ts';
import { diffLines, withContext } from './text-diff.ts';

const SIGNS = { same: ' ', removed: '−', added: '+' } as const;

export function TextChanges({ before, after }: { readonly before: string; readonly after: string }) {
  const say = useText();
  const all = diffLines(before, after);
  const added = all.filter(({ change }) => change === 'added').length;
  const removed = all.filter(({ change }) => change === 'removed').length;
  const said = say('policy.textChanges', { added, removed });
  if (added + removed === 0) return <p className="soft">{say('policy.sameText')}</p>;
  return (
    <div className="stack">
      <p className="soft small">{said}</p>
      <TableFrame label={said}>
        <table className="text-changes" dir="ltr">
          <tbody>
            {withContext(all).map((line, index) =>
              line === undefined ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: gaps have nothing else to tell them apart
                <tr key={`gap ${index}`} className="gap">
                  <td colSpan={4}>⋯</td>
                </tr>
              ) : (
                <tr key={`${line.before ?? ''} ${line.after ?? ''}`} className={line.change}>
                  <td className="number">{line.before}</td>
                  <td className="number">{line.after}</td>
                  <td>
                    <span aria-hidden="true">{SIGNS[line.change]}</span>
                    {line.change !== 'same' && (
                      <span className="visually-hidden">
                        {say(line.change === 'added' ? 'policy.lineAdded' : 'policy.lineRemoved')}
                      </span>
                    )}
                  </td>
                  <td>
                    <code>{seen(line.text)}</code>
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </TableFrame>
    </div>
  );
}
