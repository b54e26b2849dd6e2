/** What can go wrong while a node is founded, configured, started or stopped. */
import { type ErrorOptions, type FieldFault, TocsinError } from '../base/error.ts';

export type NodeErrorCode =
  | 'CONFIG_UNREADABLE'
  | 'CONFIG_INVALID'
  | 'ALREADY_EXISTS'
  | 'FOLDER_BUSY'
  | 'NODE_RUNS_ELSEWHERE'
  | 'KEY_UNKNOWN'
  | 'NOT_INITIALISED'
  | 'NOT_JOINED'
  | 'NETWORK_MISMATCH'
  | 'FILE_INVALID'
  | 'BROKER_UNREACHABLE'
  | 'POLICY_INVALID'
  | 'STORE_UNUSABLE'
  | 'ADDRESS_UNUSABLE'
  | 'BACKUP_INVALID';

/** Thrown by src/node; `faults` lists every field at fault where a file is. */
export class NodeError extends TocsinError<NodeErrorCode> {
  override readonly name = 'NodeError';
  readonly faults: readonly FieldFault[];

  constructor(options: ErrorOptions<NodeErrorCode> & { readonly faults?: readonly FieldFault[] }) {
    super(options);
    this.faults = options.faults ?? [];
  }
}
