/** What the transport throws for misuse and for a world that fails; a failed call is an RpcError (status.ts). */
import { type ErrorOptions, TocsinError } from '../base/error.ts';

/**
 * - `SUBJECT_INVALID` a node id, network token, lane or inbox token that would not make a valid subject
 * - `METADATA_INVALID` a key or value that gRPC metadata cannot hold, or too much of it
 * - `DEFINITION_INVALID` a service added twice, or a handler without a method
 * - `BROKER_DISCONNECTED` nothing was published: there is no connection at the moment
 * - `BROKER_CLOSED` the connection is closed for good; the node must stop
 * - `BROKER_REFUSED` the broker answered an administrative request with an error
 * - `PAYLOAD_TOO_LARGE` larger than the broker takes
 * - `CONFIGURATION_INVALID` options from which no broker configuration or connection can be made
 */
export type TransportErrorCode =
  | 'SUBJECT_INVALID'
  | 'METADATA_INVALID'
  | 'DEFINITION_INVALID'
  | 'BROKER_DISCONNECTED'
  | 'BROKER_CLOSED'
  | 'BROKER_REFUSED'
  | 'PAYLOAD_TOO_LARGE'
  | 'CONFIGURATION_INVALID';

export class TransportError extends TocsinError<TransportErrorCode> {
  override readonly name = 'TransportError';

  constructor(
    code: TransportErrorCode,
    message: string,
    options: Partial<ErrorOptions<TransportErrorCode>> = {},
  ) {
    super({ ...options, code, message });
  }
}
