/** What a failed call tells its caller, as a gRPC status. */
import type { StatusCode, StatusDetail } from '../../transport/index.ts';
import { type Told, tell } from '../failure.ts';
import { badRequest, errorInfo, requestInfo } from './rpc-details.ts';

/** Domain of google.rpc.ErrorInfo. */
const ERROR_DOMAIN = 'tocsin';

/** What a failed call sends. */
export interface FailedCall {
  readonly code: StatusCode;
  readonly message: string;
  /** For the trailer `grpc-status-details-bin`: grpc-js sends it as one header line, and peers take some 8 to 16 KiB of headers. */
  readonly details: readonly StatusDetail[];
  /** True where the cause belongs into the log: the caller was told nothing of it. */
  readonly internal: boolean;
}

export function callOf({ status, code, message, reason, faults, faultCount, ...rest }: Told): FailedCall {
  const { correlationId, internal } = rest;
  if (correlationId !== undefined)
    return { code: status, message, details: [requestInfo(correlationId)], internal };
  const metadata: Record<string, string> = { code };
  if (reason !== undefined) metadata.reason = reason;
  if (faultCount > faults.length) metadata.faults = String(faultCount);
  const info = errorInfo({ reason: code, domain: ERROR_DOMAIN, metadata });
  const violations = faults.map((fault) => ({
    field: fault.path,
    description: fault.message,
    reason: fault.code,
  }));
  return {
    code: status,
    message,
    details: violations.length > 0 ? [badRequest(violations), info] : [info],
    internal,
  };
}

/** What a thrown thing tells a gRPC caller. */
export const failedCall = (thrown: unknown, correlationId: string): FailedCall =>
  callOf(tell(thrown, correlationId));
