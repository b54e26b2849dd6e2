/** What the desk asks of the screening of its node; the object of the folder `screening` has this shape. */
import type {
  ScreenedAgainst,
  ScreeningAlert,
  ScreeningDecision,
  ScreeningHit,
  ScreeningQuery,
  ScreeningResult,
  ScreeningSummary,
  ScreeningVerdict,
} from '../gen/tocsin/desk/v1/screening_service.ts';
import type { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';
import type { World } from '../record/index.ts';
import type { AuditEntry, Page } from '../store/index.ts';

/** Who asks. */
export interface Searcher {
  readonly fingerprint: string;
  readonly node: string;
  readonly deskGroup: DeskGroup;
  readonly role: string;
  /** Absent = any purpose that the desk group has. */
  readonly purpose?: Purpose;
  readonly purposes: readonly Purpose[];
  readonly world: World;
}

export interface ScreeningLine {
  readonly query: ScreeningQuery | undefined;
  readonly reference: string;
  readonly keep: boolean;
}

/** Makes the officer's row of the audit trail. */
type Audited = (action: string, subject: string, facts: AuditEntry['detail']) => AuditEntry;

/** Whose screenings: one desk group's, or everybody's in that world. */
interface Whose {
  readonly deskGroup?: DeskGroup;
  readonly exercise: boolean;
}

type PageQuery = Whose & { readonly cursor?: string; readonly limit: number };

/** It bounds, logs and audits what is asked; whether a role may ask at all is the desk's to decide. */
export interface ScreeningPort {
  /** One result a line, durably logged. Throws NOT_READY, SCREENING_BUDGET. */
  ask(
    officer: Searcher,
    lines: readonly ScreeningLine[],
    audited: Audited,
    batch?: string,
  ): Promise<{ readonly results: readonly ScreeningResult[]; readonly against: ScreenedAgainst }>;
  /** Random, 32 hexadecimal digits. */
  newBatch(): string;
  status(officer: Searcher): Promise<{
    readonly progress: { readonly ready: boolean; readonly read: number; readonly toRead: number };
    /** Absent while not ready. */
    readonly against?: ScreenedAgainst;
    readonly names: number;
    readonly identifiers: number;
    readonly schemes: readonly string[];
    readonly linesAMinute: number;
    readonly linesADay: number;
    readonly free: { readonly thisMinute: number; readonly today: number };
  }>;
  list(
    query: PageQuery & { readonly hitsOnly: boolean; readonly openOnly: boolean; readonly batch?: string },
  ): Promise<Page<ScreeningSummary>>;
  /** `searcher` = whose permissions say what is shown of the entries; undefined = nobody's. */
  get(
    whose: Whose,
    searcher: Searcher | undefined,
    id: string,
  ): Promise<
    | {
        readonly screening: ScreeningSummary;
        readonly hits: readonly ScreeningHit[];
        readonly against: ScreenedAgainst;
      }
    | undefined
  >;
  /** Undefined where there is no such hit for the desk group. */
  decide(request: {
    readonly whose: Whose;
    readonly screeningId: string;
    readonly hit: number;
    readonly verdict: ScreeningVerdict;
    readonly reason: string;
    /** Identity of the officer. */
    readonly officer: string;
    readonly audited: Audited;
  }): Promise<ScreeningDecision | undefined>;
  alerts(
    searcher: Searcher,
    query: PageQuery & { readonly acknowledgedToo: boolean },
  ): Promise<Page<ScreeningAlert>>;
  /** False where there is no such alert for the desk group. */
  acknowledge(whose: Whose, id: string, officer: string, audited: Audited): Promise<boolean>;
}
