/** What another national policy would show to whom, or no longer: counted over the own records in force while one waits. */
import { useEffect, useId, useRef, useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import { askLines } from '../../api/client.ts';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useNumber } from '../../parts/time.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { groupText, purposeText } from './explain.tsx';

interface Compared {
  /** The text that was compared. */
  readonly text: string;
  readonly records: number;
  readonly rows: readonly Wire.PolicyDiffRow[];
  readonly done: boolean;
  readonly error: unknown;
}

export interface Comparison {
  readonly compared: Compared | undefined;
  readonly start: (text: string) => void;
}

/** One comparison at a time; a new one, or leaving the page, ends it. */
export function useComparison(): Comparison {
  const [compared, setCompared] = useState<Compared>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const start = (text: string) => {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    void compare(text, stop.signal, (next) => {
      if (!stop.signal.aborted) setCompared(next);
    });
  };
  return { compared, start };
}

async function compare(text: string, signal: AbortSignal, tell: (compared: Compared) => void): Promise<void> {
  let compared: Compared = { text, records: 0, rows: [], done: false, error: undefined };
  tell(compared);
  const rows: Wire.PolicyDiffRow[] = [];
  try {
    const answers = askLines<Wire.DiffPolicyResponse>(
      '/PolicyService/DiffPolicy',
      { newPolicy: text, summary: true },
      signal,
    );
    for await (const { progress, row, counts } of answers) {
      if (row !== undefined) rows.push(row);
      const records = counts?.records ?? progress?.records;
      if (records === undefined) continue;
      compared = { ...compared, records, done: counts !== undefined };
      if (compared.done) compared = { ...compared, rows };
      tell(compared);
    }
    if (!compared.done) throw new Error('the comparison broke off');
  } catch (error) {
    tell({ ...compared, error });
  }
}

/** Records of a kind that one desk of a partner sees otherwise. */
interface Line {
  readonly key: string;
  readonly kind: string;
  readonly partner: string;
  readonly deskGroup: string;
  readonly records: number;
  readonly rows: readonly Wire.PolicyDiffRow[];
}

function linesOf(rows: readonly Wire.PolicyDiffRow[], visible: boolean): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const row of rows.filter((one) => one.visible === visible)) {
    const { kind, partner, deskGroup } = row;
    const key = `${kind} ${partner} ${deskGroup}`;
    const before = lines.get(key);
    lines.set(key, {
      key,
      kind,
      partner,
      deskGroup,
      records: Math.max(before?.records ?? 0, row.records),
      rows: [...(before?.rows ?? []), row],
    });
  }
  return [...lines.values()].sort((a, b) => b.records - a.records || a.key.localeCompare(b.key));
}

export function ComparisonResult({ compared }: { readonly compared: Compared | undefined }) {
  const say = useText();
  const number = useNumber();
  const title = useId();
  if (compared === undefined) return null;
  return (
    <section className="stack comparison" aria-labelledby={title}>
      <h2 id={title}>{say('comparison.title')}</h2>
      <p role="status">
        {compared.error === undefined &&
          (compared.done
            ? say(compared.rows.length === 0 ? 'comparison.nothing' : 'comparison.done', {
                count: number(compared.records),
              })
            : say('comparison.running', { count: number(compared.records) }))}
      </p>
      {compared.error !== undefined && <ProblemNotice error={compared.error} />}
      {compared.done && (
        <div className="comparison-sides">
          <Side rows={compared.rows} visible />
          <Side rows={compared.rows} visible={false} />
        </div>
      )}
    </section>
  );
}

const AT_FIRST = 40;

function Side({
  rows,
  visible,
}: {
  readonly rows: readonly Wire.PolicyDiffRow[];
  readonly visible: boolean;
}) {
  const say = useText();
  const number = useNumber();
  const [most, setMost] = useState(AT_FIRST);
  const lines = linesOf(rows, visible);
  if (lines.length === 0) return null;
  return (
    <section className={`card ${visible ? 'opens' : 'closes'}`}>
      <h3 className="row">
        <Icon name={visible ? 'eye' : 'hidden'} />
        {say(visible ? 'comparison.visible' : 'comparison.hidden')}
      </h3>
      <ul className="stack">
        {lines.slice(0, most).map((line) => (
          <li key={line.key}>
            <strong>
              {say('comparison.line', {
                count: number(line.records),
                kind: say(`kind.${line.kind}` as TextKey),
                partner: line.partner,
                desk: say(groupText(line.deskGroup)),
              })}
            </strong>
            <ul className="soft small">
              {line.rows.map((row) => (
                <li key={row.facet}>
                  {row.facet === '' ? say('explain.existence') : sayOr(`facet.${row.facet}`, row.facet)}
                  {row.records === line.records ? '' : ` (${number(row.records)})`}
                  {' · '}
                  {row.purposes.map((purpose) => say(purposeText(purpose))).join(', ')}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {lines.length > most && (
        <button type="button" className="link" onClick={() => setMost(most + 10 * AT_FIRST)}>
          {say('action.more')}
        </button>
      )}
    </section>
  );
}
