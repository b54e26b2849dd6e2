/** What a worker does with a batch file, and that a page gets the same from it as from the reader itself, errors included. */
import { describe, expect, it } from 'vitest';
import { BatchFile, faultOf } from '../../../src/console/worker/batch-file.ts';
import type { BatchCall } from '../../../src/console/worker/batch-messages.ts';
import {
  BATCH_LIMITS,
  batchQuestions,
  guessColumns,
  mappingOf,
  readTable,
  resultTable,
  writeCsv,
  writeXlsx,
} from '../../../src/screening/batch/index.ts';

const TABLE = {
  header: ['Reference', 'Name', 'Born', 'Remarks'],
  rows: [
    ['D-1', 'Wendla Nobodysdatter', '1979-03-12', '=1+1'],
    ['D-2', 'Aksel Nobodyson', 'spring', ''],
    ['D-3', 'Merry Otter', '', 'fragile'],
  ],
};
const bytes = writeXlsx(TABLE) as Uint8Array<ArrayBuffer>;
const HEADERS = {
  outcome: 'o',
  hits: 'h',
  band: 'b',
  score: 's',
  found: 'f',
  listed: 'l',
  entry: 'e',
  originator: 'g',
  reasons: 'r',
  screening: 'c',
};
const findingIn = (row: number) => ({
  row,
  column: 1,
  rank: 4,
  outcome: 'hit',
  band: 'probable',
  score: 71.5,
  listed: 'Aksel Nobodyson',
  entry: '00',
  originator: 'XB',
  reasons: '',
  screening: '1',
});

/** As a message arrives: copied, so that nothing of it may be what a message cannot carry. */
const answerOf = async (file: BatchFile, call: BatchCall) => structuredClone(await file.answer(call));
const faultFrom = (file: BatchFile, call: BatchCall) =>
  file.answer(call).then(
    () => expect.unreachable(),
    (error: unknown) => structuredClone(faultOf(error)),
  );
const read = (content: string | Uint8Array<ArrayBuffer>): BatchCall => ({
  duty: 'read',
  given: { file: new Blob([content]) },
});

describe('a batch file that a worker holds', () => {
  it('is read, asked and written as by the reader itself', async () => {
    const file = new BatchFile();
    const table = readTable(bytes);
    const guesses = guessColumns(table);
    expect(await answerOf(file, read(bytes))).toEqual({
      header: TABLE.header,
      rows: 3,
      encodingGuessed: false,
      guesses,
    });
    const mapping = mappingOf(guesses);
    expect(await answerOf(file, { duty: 'ask', given: { mapping } })).toEqual({
      questions: 3,
      unread: 1,
      firstUnread: 3,
    });
    const { questions } = batchQuestions(table, mapping);
    const first = await answerOf(file, { duty: 'questions', given: { from: 0, count: 2 } });
    const rest = await answerOf(file, { duty: 'questions', given: { from: 2, count: 2 } });
    expect([first, rest]).toEqual([questions.slice(0, 2), questions.slice(2)]);
    const findings = [2, 3, 4].map(findingIn);
    const find = (from: number, to: number): BatchCall => ({
      duty: 'find',
      given: { from, findings: findings.slice(from, to) },
    });
    // The second download begins anew.
    for (const call of [find(0, 2), find(2, 3), find(0, 2), find(2, 3)]) await answerOf(file, call);
    const written = resultTable(table, findings, HEADERS, 'nothing');
    for (const [format, expected] of [
      ['csv', writeCsv(written)],
      ['xlsx', writeXlsx(written)],
    ] as const)
      expect(
        await answerOf(file, { duty: 'write', given: { format, headers: HEADERS, nothing: 'nothing' } }),
      ).toEqual(expected);
  });

  it('that is none keeps code, text and place of what is wrong on its way to the page', async () => {
    const long = `Name\n${'x'.repeat(BATCH_LIMITS.cell + 1)}\n`;
    let thrown: unknown;
    try {
      readTable(new TextEncoder().encode(long));
    } catch (error) {
      thrown = error;
    }
    const fault = await faultFrom(new BatchFile(), read(long));
    expect(fault).toMatchObject({ code: 'CELL_TOO_LONG', facts: { row: 2, column: 1 } });
    expect(fault).toEqual(faultOf(thrown));
  });

  it('that is too large is refused before it is in memory', async () => {
    const file = { size: BATCH_LIMITS.fileBytes + 1, arrayBuffer: () => expect.unreachable() };
    const call: BatchCall = { duty: 'read', given: { file: file as unknown as Blob } };
    expect(await faultFrom(new BatchFile(), call)).toMatchObject({ code: 'FILE_TOO_LARGE' });
  });

  it('without names or numbers stays, so that its columns can be put right', async () => {
    const file = new BatchFile();
    await file.answer(read(bytes));
    const fault = await faultFrom(file, { duty: 'ask', given: { mapping: [] } });
    expect(fault.code).toBe('NOTHING_TO_ASK');
    const mapping = [undefined, 'name' as const];
    expect(await file.answer({ duty: 'ask', given: { mapping } })).toMatchObject({ questions: 3 });
  });

  it('breaks off with the text of whatever else is thrown', async () => {
    const lost = new DOMException('the file was changed', 'NotReadableError');
    expect(faultOf(lost)).toEqual({ code: 'READER_FAILED', message: 'the file was changed', facts: {} });
  });
});
