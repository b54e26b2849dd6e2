/**
 * SQLSTATE codes (postgresql.org, Appendix A) and faults of the connection as errors of ours. The server's own words stay away:
 * its details repeat values of rows.
 */
import type { Retry } from '../../base/error.ts';
import { StoreError, type StoreErrorCode, storeError } from '../errors.ts';

interface Row {
  readonly code: StoreErrorCode;
  readonly message: string;
  readonly retry: Retry;
}

const row = (code: StoreErrorCode, retry: Retry, message: string): Row => ({ code, message, retry });

const UNAVAILABLE = row(
  'STORE_UNAVAILABLE',
  'later',
  'the database server does not answer, or ended the connection; nothing of the write is kept; see that it runs',
);
const BUSY = row('STORE_BUSY', 'later', 'the database server gave up waiting; try again');
const CANNOT_OPEN = row(
  'STORE_CANNOT_OPEN',
  'no',
  'the database server refuses this user; check user, password, database and rights',
);

/** By the whole code first, then by its class, the first two characters. */
const CODES: ReadonlyMap<string, Row> = new Map([
  ['23505', row('UNIQUE_VIOLATION', 'no', 'a row with this key exists already')],
  ['23503', row('REFERENCE_VIOLATION', 'no', 'a row refers to one that does not exist, or is referred to')],
  ['23', row('CONSTRAINT_VIOLATION', 'no', 'a row breaks a rule of its table')],
  ['22', row('CONSTRAINT_VIOLATION', 'no', 'a value has the wrong type for its column')],
  ['53100', row('STORE_FULL', 'later', 'no space left for the store; free some, then try again')],
  ['53', row('STORE_BUSY', 'later', 'the database server has no room for this; try again')],
  ['40', BUSY],
  ['55P03', BUSY],
  ['57014', BUSY],
  ['08', UNAVAILABLE],
  ['57P', UNAVAILABLE],
  ['25P03', UNAVAILABLE],
  // A server that became a standby: its successor is at the same address, soon.
  ['25006', UNAVAILABLE],
  ['25P02', row('STATEMENT_FAILED', 'no', 'a statement came after another of its transaction had failed')],
  ['28', CANNOT_OPEN],
  ['3D', CANNOT_OPEN],
  ['3F', CANNOT_OPEN],
  ['42501', CANNOT_OPEN],
  ['58', row('STORE_IO', 'fatal', 'the disk of the server failed; what was committed is to be read again')],
  ['XX001', row('STORE_CORRUPT', 'fatal', 'the database is damaged; restore it from a backup')],
  ['XX002', row('STORE_CORRUPT', 'fatal', 'an index of the database is damaged; rebuild it or restore')],
]);

const SQLSTATE = /^[0-9A-Z]{5}$/;
/** What Node says where a server's certificate is not believed, and the driver where there is none. */
const DISTRUST =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)|does not support SSL|password must be a string/;

const sqlStateOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' && SQLSTATE.test(error.code) && 'severity' in error
    ? error.code
    : undefined;

/** Whether the connection is gone with this error; what it was asked for last may or may not have been done. */
export function endsConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (sqlStateOf(error) === undefined) return true;
  return 'severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC');
}

/** An error of the driver as a StoreError. */
export function fromPostgres(error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const state = sqlStateOf(error);
  if (state === undefined) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    if (DISTRUST.test(code) || DISTRUST.test(error.message))
      return storeError(
        'STORE_CANNOT_OPEN',
        'the certificate of the database server is not believed, or it asks for a password that is not there; check sslrootcert, the host name and the password file',
        { facts: code === '' ? {} : { engineCode: code } },
      );
    return storeError(UNAVAILABLE.code, UNAVAILABLE.message, {
      retry: UNAVAILABLE.retry,
      facts: code === '' ? {} : { engineCode: code },
    });
  }
  const known = CODES.get(state) ?? CODES.get(state.slice(0, 3)) ?? CODES.get(state.slice(0, 2));
  const facts = { engineCode: state };
  if (known) return storeError(known.code, known.message, { retry: known.retry, facts });
  return storeError('STATEMENT_FAILED', `the engine refused a statement (code ${state})`, { facts });
}
