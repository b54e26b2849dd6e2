/** What an officer drafts: a record's content before it has an id, a time or a signature. */
import type { DeskGroup, Marking, Priority } from '../gen/tocsin/record/v1/marking.ts';

/** Content of a record. */
export interface RecordContent {
  readonly kind: string;
  readonly deskGroup: DeskGroup;
  readonly priority: Priority;
  readonly marking: Marking;
  /** Milliseconds UTC. */
  readonly expires: number;
  /** Milliseconds UTC. */
  readonly reviewBy: number;
  /** Encoded message of each facet, by name; absent = empty. */
  readonly facets: Readonly<Record<string, Uint8Array>>;
}
