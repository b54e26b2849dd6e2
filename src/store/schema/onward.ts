/** Tables of what holders and originators tell each other: consents, questions, answers, and what is owed or told about reading. */
import type { Numbered, Whole } from './column.ts';

/** Which record a consent held here is about. */
export interface ConsentTable {
  header_digest: Uint8Array;
  target: Uint8Array;
}

/** Which record a question to its originator is about. */
export interface TaskingTable {
  header_digest: Uint8Array;
  target: Uint8Array;
  due: Whole;
}

/** Which question an answer belongs to. */
export interface AnswerTable {
  header_digest: Uint8Array;
  tasking: Uint8Array;
  /** 0 = a part of it is still to come. */
  closes: Whole;
}

/** `accepted` = the condition of handling code H3; `read` = read at a desk; `acknowledged` = a desk has it in hand. */
export type ReadingWhat = 'accepted' | 'read' | 'acknowledged';

/** What an originator is still to be told of our desks. */
export interface ReadingDueTable {
  id: Numbered;
  header_digest: Uint8Array;
  originator: string;
  what: ReadingWhat;
  desk_group: Whole;
  /** JSON list of facet names. */
  facets: string;
  at: Whole;
}

/** What partners told of their desks about our records. */
export interface ReadingTable {
  header_digest: Uint8Array;
  node: string;
  what: ReadingWhat;
  desk_group: Whole;
  /** JSON list of facet names. */
  facets: string;
  at: Whole;
  receipt_digest: Uint8Array;
}
