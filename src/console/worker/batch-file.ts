/** One batch file with its questions and what came of them, as a worker holds it. Knows nothing of workers: see batch-worker.ts. */
import { TocsinError } from '../../base/error.ts';
import {
  assertFileSize,
  type BatchFinding,
  type BatchQuestion,
  batchQuestions,
  guessColumns,
  readTable,
  resultTable,
  type Table,
  writeCsv,
  writeXlsx,
} from '../../screening/batch/index.ts';
import type { AskedFile, BatchCall, BatchDuties, BatchDuty, BatchFault, ReadFile } from './batch-messages.ts';

export class BatchFile {
  #table: Table | undefined;
  #questions: readonly BatchQuestion[] = [];
  readonly #findings: BatchFinding[] = [];

  /** Throws BatchFileError, and what the browser throws of a file that it can no longer read. */
  async answer({ duty, given }: BatchCall): Promise<BatchDuties[BatchDuty]['told']> {
    switch (duty) {
      case 'read':
        return this.#read(given.file);
      case 'ask':
        return this.#ask(given.mapping);
      case 'questions':
        return this.#questions.slice(given.from, given.from + given.count);
      case 'find':
        this.#findings.length = given.from;
        this.#findings.push(...given.findings);
        return null;
      case 'write':
        return this.#write(given);
    }
  }

  async #read(file: Blob): Promise<ReadFile> {
    this.#table = undefined;
    this.#questions = [];
    this.#findings.length = 0;
    // A file that is too large is not read into memory first.
    assertFileSize(file.size);
    const table = readTable(new Uint8Array(await file.arrayBuffer()));
    this.#table = table;
    return {
      header: table.header,
      rows: table.rows.length,
      encodingGuessed: table.encodingGuessed === true,
      guesses: guessColumns(table),
    };
  }

  #ask(mapping: BatchDuties['ask']['given']['mapping']): AskedFile {
    const { questions, unread } = batchQuestions(this.#known(), mapping);
    this.#questions = questions;
    this.#findings.length = 0;
    const [first] = unread;
    return {
      questions: questions.length,
      unread: unread.length,
      ...(first !== undefined && { firstUnread: first.row }),
    };
  }

  #write({ format, headers, nothing }: BatchDuties['write']['given']): Uint8Array<ArrayBuffer> {
    const written = resultTable(this.#known(), this.#findings, headers, nothing);
    const bytes = format === 'csv' ? writeCsv(written) : writeXlsx(written);
    return bytes as Uint8Array<ArrayBuffer>;
  }

  #known(): Table {
    if (this.#table === undefined) throw new Error('expected a file to be read first');
    return this.#table;
  }
}

/** Code, text and facts of ours stay; of what else is thrown, the text. */
export function faultOf(error: unknown): BatchFault {
  if (error instanceof TocsinError) {
    const { code, message, facts } = error;
    return { code, message, facts };
  }
  return {
    code: 'READER_FAILED',
    message: error instanceof Error ? error.message : String(error),
    facts: {},
  };
}
