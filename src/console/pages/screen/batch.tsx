/** A file of names and numbers: chosen, its columns confirmed, asked with a bar, told hits first, taken home with the reasons. */
import { useId } from 'react';
import { Waiting } from '../../parts/empty.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useNumber } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';
import { BatchMapping } from './batch-mapping.tsx';
import { BatchReaderError } from './batch-reader.ts';
import { BatchResults } from './batch-results.tsx';
import { FileFault } from './file-fault.tsx';
import { type BatchState, useBatch } from './use-batch.ts';

export function Batch() {
  const say = useText();
  const { state, choose, ask, write, stop, again } = useBatch();
  return (
    <div className="stack">
      {state.step === 'choose' && <ChooseFile fault={state.fault} onChoose={choose} />}
      {state.step === 'reading' && (
        <div role="status" className="stack">
          <p>{say('screen.reading')}</p>
          <Waiting lines={6} height="2rem" />
          <div className="row">
            <button type="button" className="button" onClick={again}>
              {say('screen.stop')}
            </button>
          </div>
        </div>
      )}
      {state.step === 'map' && (
        <BatchMapping
          name={state.name}
          file={state.file}
          fault={state.fault}
          onConfirm={(mapping, keep) => void ask(state.name, state.file, mapping, keep)}
          onOther={again}
        />
      )}
      {(state.step === 'asking' || state.step === 'waiting' || state.step === 'done') && (
        <>
          <BatchProgress state={state} onStop={stop} onAgain={again} />
          {state.fault instanceof BatchReaderError ? (
            <FileFault fault={state.fault} />
          ) : (
            state.fault !== undefined && <ProblemNotice error={state.fault} />
          )}
          <BatchResults
            name={state.name}
            file={state.file}
            answers={state.answers}
            isDone={state.step === 'done'}
            onWrite={(format) => write(state.answers, format, say)}
          />
        </>
      )}
    </div>
  );
}

function ChooseFile({
  fault,
  onChoose,
}: {
  readonly fault: unknown;
  readonly onChoose: (file: File | undefined) => void;
}) {
  const say = useText();
  const id = useId();
  return (
    <div className="card stack">
      <FileFault fault={fault} />
      <div className="field">
        <label htmlFor={id}>{say('screen.file')}</label>
        <input
          id={id}
          className="input"
          type="file"
          accept=".csv,.tsv,.txt,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
          aria-describedby={`${id}-hint`}
          onChange={(event) => onChoose(event.target.files?.[0])}
        />
        <span className="hint" id={`${id}-hint`}>
          {say('screen.fileHint')}
        </span>
      </div>
    </div>
  );
}

function BatchProgress({
  state,
  onStop,
  onAgain,
}: {
  readonly state: Extract<BatchState, { readonly step: 'asking' | 'waiting' | 'done' }>;
  readonly onStop: () => void;
  readonly onAgain: () => void;
}) {
  const say = useText();
  const number = useNumber();
  const all = state.asked.questions;
  const done = state.answers.length;
  const { unread, firstUnread } = state.asked;
  return (
    <div className="card stack">
      <div className="row spread">
        <p role="status">
          {say('screen.progress', { done: number(done), all: number(all) })}
          {state.step === 'waiting' && ` · ${say('screen.waitingBudget')}`}
          {state.step === 'done' && done < all && state.fault === undefined && ` · ${say('screen.stopped')}`}
        </p>
        {state.step === 'done' ? (
          <button type="button" className="button" onClick={onAgain}>
            {say('screen.anotherFile')}
          </button>
        ) : (
          <button type="button" className="button" onClick={onStop}>
            {say('screen.stop')}
          </button>
        )}
      </div>
      <progress max={Math.max(1, all)} value={done} aria-label={say('screen.batch')} />
      {firstUnread !== undefined && (
        <p className="soft small">{say('screen.unread', { count: number(unread), row: firstUnread })}</p>
      )}
    </div>
  );
}
