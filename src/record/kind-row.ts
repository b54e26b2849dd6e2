/** What a row of the table of kinds says, and what the rules of a kind get to see. */
import type { FieldFault } from '../base/error.ts';
import type { Marking, Priority } from '../gen/tocsin/record/v1/marking.ts';

/**
 * Sensitivity of a facet: S summary · O operational · M commercial or licensing · P personal data · X source-identifying,
 * never leaves · N internal, never leaves · A attachments.
 */
export type FacetClass = 'S' | 'O' | 'M' | 'P' | 'X' | 'N' | 'A';

/** Codec of one facet's message, as generated. */
export interface FacetCodec<Message = unknown> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

/** One facet of a kind. */
export interface FacetRow {
  readonly name: string;
  readonly class: FacetClass;
  /** Full protobuf name of its message. */
  readonly typeName: string;
  readonly codec: FacetCodec;
  /** Days after release when the facet is purged although the record lives on; undefined = with the record. */
  readonly keepDays?: number;
}

/** `typed` = one of our officers wrote it: a wrong identifier is refused. `imported` = the world supplied it: kept and flagged. */
export type ValidationMode = 'typed' | 'imported';

/** Everything that is wrong (`faults`) and everything that a reader should be told (`flags`). */
export interface Findings {
  readonly faults: FieldFault[];
  readonly flags: FieldFault[];
}

/** Content with its facets decoded, as rules read it. */
export interface ContentView {
  readonly kind: string;
  readonly mode: ValidationMode;
  readonly nowMs: number;
  readonly marking: Marking;
  readonly priority: Priority;
  readonly expires: number;
  readonly reviewBy: number;
  /** The message of a facet, undefined where the facet is empty; `codec` is the one that the kind's table names. */
  facet<Message>(name: string, codec: FacetCodec<Message>): Message | undefined;
  /** Records a fault: refuses the content in every mode. */
  fault(path: string, code: string, message: string): void;
  /** Records a flag: something to show, no reason to refuse. */
  flag(path: string, code: string, message: string): void;
  /** A fault of typed content, a flag of imported content. */
  doubt(path: string, code: string, message: string): void;
}

/** How long a record of a kind lives: both the default and the most that is permitted. */
export interface Retention {
  readonly reviewEveryDays: number;
  readonly expireAfterDays: number;
}

/** Reads facets of class S for a title. */
export type FacetReader = <Message>(name: string, codec: FacetCodec<Message>) => Message | undefined;

/** One kind of record. */
export interface KindRow {
  /** As in headers: `seizure-notice`. */
  readonly code: string;
  readonly schemaVersion: number;
  readonly facetTableVersion: number;
  /** Controls the exchange itself (receipts, recalls); travels in lane 0. */
  readonly control: boolean;
  /** Its originator is told which desk groups of a partner have it in hand, whatever the marking asks for. */
  readonly acknowledged: boolean;
  /** Never leaves its node. */
  readonly local: boolean;
  /** In the order of commitments. */
  readonly facets: readonly FacetRow[];
  /** Reports every fault of the content into the view. */
  readonly rules: (content: ContentView) => void;
  /** Text for lists out of facets of class S only; undefined where they say nothing. */
  readonly title: (facet: FacetReader) => string | undefined;
  readonly retention: Retention;
  /** Retention where content narrows or widens the kind's, as for a suspicion. */
  readonly retentionOf?: (content: ContentView) => Partial<Retention>;
  readonly defaultPriority: Priority;
  readonly defaultMarking: () => Marking;
}
