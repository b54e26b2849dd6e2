/** What a page and the worker that holds a batch file say to each other: names of duties, what each is given and what it tells. */
import type {
  BatchFinding,
  BatchQuestion,
  ColumnGuess,
  ColumnMapping,
  ResultHeaders,
} from '../../screening/batch/index.ts';

/** Of a file that was read, what a page shows: its rows stay with the worker. */
export interface ReadFile {
  readonly header: readonly string[];
  readonly rows: number;
  readonly encodingGuessed: boolean;
  readonly guesses: readonly ColumnGuess[];
}

/** Of the questions of a file: how many they are; they are told in parts. */
export interface AskedFile {
  readonly questions: number;
  /** Cells that no question can carry, and the row of the first. */
  readonly unread: number;
  readonly firstUnread?: number;
}

export interface BatchDuties {
  /** Takes the place of a file that was read before. */
  readonly read: { readonly given: { readonly file: Blob }; readonly told: ReadFile };
  readonly ask: { readonly given: { readonly mapping: ColumnMapping }; readonly told: AskedFile };
  readonly questions: {
    readonly given: { readonly from: number; readonly count: number };
    readonly told: readonly BatchQuestion[];
  };
  /** Part after part, so that no page stands still over a hundred thousand of them; `from` 0 begins anew. */
  readonly find: {
    readonly given: { readonly from: number; readonly findings: readonly BatchFinding[] };
    readonly told: null;
  };
  readonly write: {
    readonly given: {
      readonly format: 'csv' | 'xlsx';
      readonly headers: ResultHeaders;
      /** Said of rows of which nothing was asked. */
      readonly nothing: string;
    };
    readonly told: Uint8Array<ArrayBuffer>;
  };
}

export type BatchDuty = keyof BatchDuties;

export type BatchCall = {
  [Duty in BatchDuty]: { readonly duty: Duty; readonly given: BatchDuties[Duty]['given'] };
}[BatchDuty];

/** `id` names the call that is answered. */
export type BatchRequest = { readonly id: number } & BatchCall;

/** An error in a form that any browser hands over whole. */
export interface BatchFault {
  readonly code: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export type BatchAnswer =
  /** The first of all: the worker has started. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'told'; readonly id: number; readonly told: BatchDuties[BatchDuty]['told'] }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: BatchFault };
