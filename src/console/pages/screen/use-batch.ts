/**
 * A file on its way: read by a worker, mapped by whoever chose it, asked in parts, told line by line. Over the budget of a minute the
 * next one is waited for. Rows of the file stay with the worker, which ends with the page or when another file is chosen.
 */
import { useEffect, useRef, useState } from 'react';
import type { RequestOf, Wire } from '../../../desk/http/contract.ts';
import type { BatchQuestion, ColumnMapping } from '../../../screening/batch/index.ts';
import { queryOfQuestion } from '../../../screening/batch/question-query.ts';
import { call, Refusal } from '../../api/client.ts';
import type { Say } from '../../text/index.ts';
import type { AskedFile, ReadFile } from '../../worker/batch-messages.ts';
import { BatchReader } from './batch-reader.ts';
import { findingOf, resultHeaders } from './findings.ts';

const LINES_A_CALL = 250;
/** Lines put into words between two looks at what else the page has to do: some milliseconds. */
const FINDINGS_AT_ONCE = 500;
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
      readonly file: ReadFile;
      readonly fault?: unknown;
    }
  | {
      readonly step: 'asking' | 'waiting' | 'done';
      readonly name: string;
      readonly file: ReadFile;
      readonly asked: AskedFile;
      readonly answers: readonly Answered[];
      readonly fault?: unknown;
    };

export type ResultFormat = 'csv' | 'xlsx';

/** Resolves after the minute, or at once where nobody waits any more. */
const nextMinute = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, MINUTE_MS - (Date.now() % MINUTE_MS) + 500);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

export function useBatch() {
  const [state, setState] = useState<BatchState>({ step: 'choose' });
  const running = useRef<AbortController>(undefined);
  const reader = useRef<BatchReader>(undefined);
  const giveUp = () => {
    running.current?.abort();
    running.current = undefined;
    reader.current?.end();
    reader.current = undefined;
  };
  useEffect(
    () => () => {
      running.current?.abort();
      reader.current?.end();
    },
    [],
  );

  const choose = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    giveUp();
    setState({ step: 'reading' });
    const started = new BatchReader();
    reader.current = started;
    try {
      const file = await started.call('read', { file: chosen });
      if (reader.current === started) setState({ step: 'map', name: chosen.name, file });
    } catch (fault) {
      if (reader.current !== started) return;
      giveUp();
      setState({ step: 'choose', fault });
    }
  };

  const ask = async (name: string, file: ReadFile, mapping: ColumnMapping, keep: boolean) => {
    const worker = reader.current;
    if (worker === undefined || running.current !== undefined) return;
    const control = new AbortController();
    running.current = control;
    let asked: AskedFile;
    try {
      asked = await worker.call('ask', { mapping });
    } catch (fault) {
      if (running.current !== control) return;
      running.current = undefined;
      setState({ step: 'map', name, file, fault });
      return;
    }
    const answers: Answered[] = [];
    const tell = (step: 'asking' | 'waiting' | 'done', fault?: unknown) => {
      if (running.current === control)
        setState({
          step,
          name,
          file,
          asked,
          answers: [...answers],
          ...(fault === undefined ? {} : { fault }),
        });
    };
    tell('asking');
    try {
      while (answers.length < asked.questions && !control.signal.aborted) {
        const part = await worker.call('questions', { from: answers.length, count: LINES_A_CALL });
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

  /** The file with what came of it. Throws BatchReaderError, AbortError. */
  const write = async (answers: readonly Answered[], format: ResultFormat, say: Say) => {
    const worker = reader.current;
    if (worker === undefined) throw new DOMException('the file was given up', 'AbortError');
    for (let from = 0; from === 0 || from < answers.length; from += FINDINGS_AT_ONCE) {
      const part = answers.slice(from, from + FINDINGS_AT_ONCE);
      await worker.call('find', { from, findings: part.map((one) => findingOf(one, say)) });
    }
    return worker.call('write', {
      format,
      headers: resultHeaders(say),
      nothing: say('screen.outcome.nothing'),
    });
  };

  return {
    state,
    choose,
    ask,
    write,
    stop: () => running.current?.abort(),
    again: () => {
      giveUp();
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
