/**
 * A file on its way: read here, mapped by whoever chose it, asked in parts, told line by line. The reader of files is loaded when one
 * is chosen. Over the budget of a minute the next one is waited for.
 */
import { useEffect, useRef, useState } from 'react';
import type { RequestOf, Wire } from '../../../desk/http/contract.ts';
import type {
  BatchQuestion,
  BatchQuestions,
  ColumnGuess,
  ColumnMapping,
  Table,
} from '../../../screening/batch/index.ts';
import { call, Refusal } from '../../api/client.ts';

const LINES_A_CALL = 250;
const MINUTE_MS = 60_000;

export interface Answered {
  readonly question: BatchQuestion;
  readonly result: Wire.ScreeningResult;
}

export type BatchState =
  | { readonly step: 'choose'; readonly fault?: unknown }
  | { readonly step: 'reading' }
  | {
      readonly step: 'map';
      readonly name: string;
      readonly table: Table;
      readonly guesses: readonly ColumnGuess[];
      readonly fault?: unknown;
    }
  | {
      readonly step: 'asking' | 'waiting' | 'done';
      readonly name: string;
      readonly table: Table;
      readonly asked: BatchQuestions;
      readonly answers: readonly Answered[];
      readonly fault?: unknown;
    };

/** Resolves after the minute, or at once where nobody waits any more. */
const nextMinute = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, MINUTE_MS - (Date.now() % MINUTE_MS) + 500);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

export const loadBatch = () => import('../../../screening/batch/index.ts');

export function useBatch() {
  const [state, setState] = useState<BatchState>({ step: 'choose' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const choose = async (file: File | undefined) => {
    if (file === undefined) return;
    setState({ step: 'reading' });
    try {
      const { BATCH_LIMITS, guessColumns, readTable } = await loadBatch();
      // A file that is too large is not read into memory first.
      const bytes =
        file.size > BATCH_LIMITS.fileBytes
          ? new Uint8Array(file.size)
          : new Uint8Array(await file.arrayBuffer());
      const table = readTable(bytes);
      setState({ step: 'map', name: file.name, table, guesses: guessColumns(table) });
    } catch (fault) {
      setState({ step: 'choose', fault });
    }
  };

  const ask = async (name: string, table: Table, mapping: ColumnMapping, keep: boolean) => {
    const { batchQuestions, guessColumns, queryOfQuestion } = await loadBatch();
    let asked: BatchQuestions;
    try {
      asked = batchQuestions(table, mapping);
    } catch (fault) {
      setState({ step: 'map', name, table, guesses: guessColumns(table), fault });
      return;
    }
    const control = new AbortController();
    running.current = control;
    const answers: Answered[] = [];
    const tell = (step: 'asking' | 'waiting' | 'done', fault?: unknown) => {
      if (running.current === control)
        setState({
          step,
          name,
          table,
          asked,
          answers: [...answers],
          ...(fault === undefined ? {} : { fault }),
        });
    };
    tell('asking');
    try {
      while (answers.length < asked.questions.length && !control.signal.aborted) {
        const part = asked.questions.slice(answers.length, answers.length + LINES_A_CALL);
        const request: RequestOf<'ScreeningService/ScreenBatch'> = {
          keep,
          lines: part.map((question) => ({
            query: queryOfQuestion(question),
            reference: question.reference,
          })),
        };
        const { results } = await askPart(request, control.signal, () => tell('waiting'));
        for (const [at, result] of results.entries()) {
          const question = part[at];
          if (question !== undefined) answers.push({ question, result });
        }
        if (results.length < part.length) break;
        tell('asking');
      }
      tell('done');
    } catch (fault) {
      tell('done', control.signal.aborted ? undefined : fault);
    }
  };

  return {
    state,
    choose,
    ask,
    stop: () => running.current?.abort(),
    again: () => {
      running.current?.abort();
      running.current = undefined;
      setState({ step: 'choose' });
    },
  };
}

async function askPart(
  request: RequestOf<'ScreeningService/ScreenBatch'>,
  signal: AbortSignal,
  onWait: () => void,
): Promise<Wire.ScreenBatchResponse> {
  for (;;)
    try {
      return await call('ScreeningService/ScreenBatch', request, signal);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'SCREENING_BUDGET') || signal.aborted) throw error;
      const { freeToday } = await call('ScreeningService/GetScreeningStatus', {}, signal);
      // What is left of the day is not enough: to wait a minute changes nothing.
      if (freeToday < (request.lines?.length ?? 0)) throw error;
      onWait();
      await nextMinute(signal);
    }
}
