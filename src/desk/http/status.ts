/** What a failed call tells its caller over HTTP: the one place where errors become HTTP status. */
import type { FastifyReply } from 'fastify';
import { Status, type StatusCode, statusName } from '../../transport/index.ts';
import type { Told } from '../failure.ts';

/** As https://cloud.google.com/apis/design/errors maps gRPC's codes; UNKNOWN is 500 with a code that says to look again. */
const HTTP_OF: Readonly<Partial<Record<StatusCode, number>>> = {
  [Status.CANCELLED]: 499,
  [Status.INVALID_ARGUMENT]: 400,
  [Status.OUT_OF_RANGE]: 400,
  [Status.FAILED_PRECONDITION]: 409,
  [Status.ALREADY_EXISTS]: 409,
  [Status.ABORTED]: 409,
  [Status.UNAUTHENTICATED]: 401,
  [Status.PERMISSION_DENIED]: 403,
  [Status.NOT_FOUND]: 404,
  [Status.RESOURCE_EXHAUSTED]: 429,
  [Status.UNIMPLEMENTED]: 501,
  [Status.UNAVAILABLE]: 503,
  [Status.DEADLINE_EXCEEDED]: 504,
};

export const httpStatusOf = (status: StatusCode): number => HTTP_OF[status] ?? 500;

/** A failure on its way to the reply. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly told: Told;

  constructor(told: Told, cause: unknown) {
    super(told.message, { cause });
    this.told = told;
  }
}

/** The body of an answer that failed; see `Problem` in contract.ts. */
export const problemOf = ({ status, code, message, reason, faults, faultCount, correlationId }: Told) => ({
  status: statusName(status),
  code,
  message,
  faults: [...faults],
  faultCount,
  ...(reason === undefined ? {} : { reason }),
  ...(correlationId === undefined ? {} : { correlationId }),
});

export const sendFailure = (reply: FastifyReply, told: Told): FastifyReply =>
  reply.code(httpStatusOf(told.status)).header('cache-control', 'no-store').send(problemOf(told));
