/** The node's log: JSON lines on standard error. Record content, keys and names of persons never reach it. */
import { destination, type Logger, pino } from 'pino';
import { TocsinError } from '../base/error.ts';

export type { Logger };

/** Errors are logged by code, message and facts; a stack only where it is a bug (no code of ours). */
function describeError(error: unknown): unknown {
  if (error instanceof TocsinError) {
    const { code, message, facts, retry, cause } = error;
    return {
      code,
      message,
      retry,
      ...facts,
      ...(cause === undefined ? {} : { cause: describeError(cause) }),
    };
  }
  return error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack }
    : { message: String(error) };
}

export const createLogger = (options: { readonly node: string; readonly level: string }): Logger =>
  pino(
    {
      level: options.level,
      base: { node: options.node },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: describeError },
      redact: { paths: ['*.privateKey', '*.seed', '*.password', '*.salt', '*.body'], censor: '[not logged]' },
    },
    destination({ fd: 2, sync: true }),
  );
