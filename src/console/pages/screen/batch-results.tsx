/** What came of a file: its hits first, each with a way to its comparison; the whole as a file with the reasons. */
import { useState } from 'react';
import { Link } from 'wouter';
import { Empty } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { useNumber } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';
import type { ReadFile } from '../../worker/batch-messages.ts';
import { FileFault } from './file-fault.tsx';
import { HIT_RANK, outcomeText, rankOf } from './findings.ts';
import { Band } from './hit.tsx';
import type { Answered, ResultFormat } from './use-batch.ts';
import { askedText, faultText, isOfNumber } from './words.ts';

/** Lines that are drawn; the file has them all. */
const MOST_DRAWN = 500;

interface ResultsProps {
  readonly name: string;
  readonly file: ReadFile;
  readonly answers: readonly Answered[];
  readonly isDone: boolean;
  readonly onWrite: (format: ResultFormat) => Promise<Uint8Array<ArrayBuffer>>;
}

/** Hands a file to the browser, which asks where to put it. */
function save(name: string, type: string, bytes: Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has to have begun with it.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const TYPES = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

export function BatchResults({ name, file, answers, isDone, onWrite }: ResultsProps) {
  const say = useText();
  const number = useNumber();
  const [onlyHits, setOnlyHits] = useState(true);
  const [isWriting, setWriting] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const ranked = surestFirst(answers);
  const hits = ranked.filter(({ rank }) => rank >= HIT_RANK);
  const shown = onlyHits ? hits : ranked;
  const rowsHit = new Set(hits.map(({ question }) => question.row)).size;
  const download = async (format: ResultFormat) => {
    setWriting(true);
    setFault(undefined);
    try {
      save(`${name.replace(/\.[^.]{1,5}$/, '')}.screened.${format}`, TYPES[format], await onWrite(format));
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) setFault(error);
    } finally {
      setWriting(false);
    }
  };
  return (
    <section className="stack" aria-label={say('screen.outcome')}>
      <div className="row spread">
        <strong>{say('screen.rowsHit', { hits: number(rowsHit), rows: number(file.rows) })}</strong>
        <fieldset className="choice">
          <legend className="visually-hidden">{say('screen.outcome')}</legend>
          <button type="button" aria-pressed={onlyHits} onClick={() => setOnlyHits(true)}>
            {say('screen.onlyHits')}
          </button>
          <button type="button" aria-pressed={!onlyHits} onClick={() => setOnlyHits(false)}>
            {say('screen.allRows')}
          </button>
        </fieldset>
      </div>
      {isDone && (
        <div className="row" aria-busy={isWriting}>
          <button type="button" className="button" disabled={isWriting} onClick={() => void download('csv')}>
            <Icon name="download" />
            {say('screen.downloadCsv')}
          </button>
          <button type="button" className="button" disabled={isWriting} onClick={() => void download('xlsx')}>
            <Icon name="download" />
            {say('screen.downloadXlsx')}
          </button>
        </div>
      )}
      <FileFault fault={fault} />
      {shown.length === 0 ? (
        isDone && <Empty icon="check" title={say('screen.noHitsInFile')} />
      ) : (
        <TableFrame label={say('screen.outcome')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{say('screen.row')}</th>
                <th scope="col">{say('screen.outcome')}</th>
                <th scope="col">{say('screen.inQuery')}</th>
                <th scope="col">{say('screen.listedAs')}</th>
                <th scope="col">{say('screen.found')}</th>
                <th scope="col">{say('screen.originator')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, MOST_DRAWN).map(({ question, result, rank }, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: one row may ask the same twice
                <Line key={at} header={file.header} question={question} result={result} rank={rank} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}

/** Answers come in the order of the rows, which each rank keeps: a hundred thousand are not sorted with every part that comes. */
function surestFirst(answers: readonly Answered[]) {
  const ranks = Map.groupBy(
    answers.map((one) => ({ ...one, rank: rankOf(one.result) })),
    ({ rank }) => rank,
  );
  return [...ranks].sort(([a], [b]) => b - a).flatMap(([, ofRank]) => ofRank);
}

function Line({
  header,
  question,
  result,
  rank,
}: Answered & { readonly header: readonly string[]; readonly rank: number }) {
  const say = useText();
  const [hit] = result.hits;
  const asked = askedText({
    ...(question.name === undefined ? {} : { name: question.name }),
    ...(question.identifier === undefined ? {} : { identifier: question.identifier }),
  });
  return (
    <tr>
      <th scope="row">{question.row}</th>
      <td>
        {hit !== undefined && rank >= HIT_RANK ? (
          <span className="row">
            <Band band={hit.band} />
            {!isOfNumber(hit) && <span className="soft small">{hit.score.toFixed(1)}</span>}
          </span>
        ) : (
          outcomeText(rank, say)
        )}
        {result.fault && <div className="small">{faultText(result.fault)}</div>}
        {hit && result.screeningId !== '' && (
          <div>
            <Link href={`/screen/past/${result.screeningId}`} target="_blank" rel="noreferrer">
              {say('screen.details')}
            </Link>
          </div>
        )}
      </td>
      <td>
        <Foreign text={asked} most={80} />
      </td>
      <td>{hit && <Foreign text={hit.listed} most={80} />}</td>
      <td>
        <Foreign text={header[question.column] ?? ''} most={40} />
      </td>
      <td>{hit?.originator}</td>
    </tr>
  );
}
