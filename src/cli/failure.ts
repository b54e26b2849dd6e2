/** How a command fails: one clear message, every fault of an input, an exit code that scripts can tell apart; no stack. */
import { type FieldFault, TocsinError } from '../base/error.ts';
import { shown, toJson } from './print.ts';

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** A bug, or something nobody foresaw. */
  unexpected: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Verification or policy says no. */
  refused: 3,
  /** A file, record or configuration is wrong. */
  invalid: 4,
  /** Not reachable, busy or full: the same command may succeed later. */
  unavailable: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export type CliErrorCode =
  | 'USAGE'
  | 'FILE_NOT_FOUND'
  | 'FILE_INVALID'
  | 'NOT_FOUND'
  | 'REFUSED'
  | 'UNAVAILABLE'
  | 'DEMO_FAILED';

const EXIT_OF: Readonly<Record<CliErrorCode, ExitCode>> = {
  USAGE: EXIT.usage,
  FILE_NOT_FOUND: EXIT.invalid,
  FILE_INVALID: EXIT.invalid,
  NOT_FOUND: EXIT.invalid,
  REFUSED: EXIT.refused,
  UNAVAILABLE: EXIT.unavailable,
  DEMO_FAILED: EXIT.unexpected,
};

/** Thrown by commands; `faults` lists every field at fault. */
export class CliError extends TocsinError<CliErrorCode> {
  override readonly name = 'CliError';
  readonly faults: readonly FieldFault[];

  constructor(
    code: CliErrorCode,
    message: string,
    options: { readonly faults?: readonly FieldFault[]; readonly cause?: unknown } = {},
  ) {
    super({ code, message, cause: options.cause, retry: code === 'UNAVAILABLE' ? 'later' : 'no' });
    this.faults = options.faults ?? [];
  }
}

/** Faults of an error by its shape: fields have a path, lines of a policy a number. */
function faultsOf(error: unknown): readonly FieldFault[] {
  if (!(error instanceof Error) || !('faults' in error) || !Array.isArray(error.faults)) return [];
  return (error.faults as readonly (Partial<FieldFault> & { readonly line?: number })[]).map(
    ({ path, line, code = '', message = '' }) => ({
      path: path ?? (line === undefined || line === 0 ? '' : `line ${line}`),
      code,
      message,
    }),
  );
}

/** gRPC status codes (grpc.io/docs/guides/status-codes) by what the person can do about them. */
const EXIT_OF_STATUS = new Map<number, ExitCode>([
  [3, EXIT.invalid],
  [4, EXIT.unavailable],
  [5, EXIT.invalid],
  [6, EXIT.invalid],
  [7, EXIT.refused],
  [8, EXIT.unavailable],
  [9, EXIT.refused],
  [10, EXIT.unavailable],
  [11, EXIT.invalid],
  [14, EXIT.unavailable],
  [16, EXIT.refused],
]);

export interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly faults: readonly FieldFault[];
}

/** A refusal of the desk, by its shape: its class would load the whole of gRPC before `--help` could answer. */
function deskFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || error.name !== 'DeskCallError' || !('status' in error)) return undefined;
  const { status, statusName, code, reason, violations, correlationId } = error as Error & {
    readonly status: number;
    readonly statusName: string;
    readonly code: string;
    readonly reason: string;
    readonly violations: readonly {
      readonly field: string;
      readonly description: string;
      readonly reason?: string;
    }[];
    readonly correlationId: string;
  };
  return {
    exitCode: EXIT_OF_STATUS.get(status) ?? EXIT.unexpected,
    code: reason || code || statusName,
    message:
      correlationId === ''
        ? connectionProblem(error.message)
        : `${error.message} (the node's log has the cause under ${correlationId})`,
    faults: violations.map(({ field, description, reason: fault }) => ({
      path: field,
      code: fault ?? code,
      message: description,
    })),
  };
}

/** What gRPC says where no connection came about names the cause in the middle of a sentence about itself. */
function connectionProblem(message: string): string {
  const found = /^No connection established\. Last error: (?:Error: )?(.*?)\.? ?Resolution note: ?$/s.exec(
    message,
  );
  if (found?.[1] === undefined) return message;
  const address = /ECONNREFUSED (\S+)/.exec(found[1])?.[1];
  if (address !== undefined)
    return `nothing listens at ${address}: is the node running, and does desk.json name its desk?`;
  return `no connection to the desk: ${found[1]}`;
}

/** What to say of anything thrown. */
export function failureOf(error: unknown): Failure {
  const faults = faultsOf(error);
  if (error instanceof CliError)
    return { exitCode: EXIT_OF[error.code], code: error.code, message: error.message, faults };
  const call = deskFailure(error);
  if (call !== undefined) return call;
  if (error instanceof TocsinError) {
    // A roster, statement or proof that is not believed is a refusal, whichever file it came from.
    const isDisbelief = error.code === 'NETWORK_MISMATCH';
    const exitCode = error.retry === 'later' ? EXIT.unavailable : isDisbelief ? EXIT.refused : EXIT.invalid;
    const status =
      'status' in error && typeof error.status === 'number' ? EXIT_OF_STATUS.get(error.status) : undefined;
    return { exitCode: status ?? exitCode, code: error.code, message: error.message, faults };
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error) {
    const path = 'path' in error && typeof error.path === 'string' ? ` ${error.path}` : '';
    const said: Record<string, string> = {
      ENOENT: `no such file or folder:${path}`,
      EACCES: `no permission:${path}`,
      EISDIR: `expected a file, found a folder:${path}`,
      ENOTDIR: `expected a folder:${path}`,
      EEXIST: `is there already:${path}`,
      ENOSPC: `the disk is full:${path}`,
      ECONNREFUSED: 'nothing listens at that address',
      EADDRINUSE: 'that address is in use',
    };
    return {
      exitCode: error.code === 'ENOSPC' || error.code === 'ECONNREFUSED' ? EXIT.unavailable : EXIT.invalid,
      code: error.code,
      message: said[error.code] ?? `${error.code}${path}`,
      faults,
    };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { exitCode: EXIT.unexpected, code: 'UNEXPECTED', message, faults };
}

/** Prints a failure on standard error, as one JSON document where --json asks for it. */
export function reportFailure(failure: Failure, options: { readonly json: boolean }): void {
  if (options.json) {
    process.stderr.write(
      `${toJson({ error: { code: failure.code, message: failure.message, faults: failure.faults } })}\n`,
    );
    return;
  }
  process.stderr.write(`tocsin: ${shown(failure.message)} [${failure.code}]\n`);
  for (const { path, message, code } of failure.faults)
    process.stderr.write(
      `  ${path === '' ? '' : `${shown(path)}: `}${shown(message)}${code === '' ? '' : ` [${code}]`}\n`,
    );
}
