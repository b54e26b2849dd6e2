/** Records that a node itself states about the exchange: addressed, of one facet, released now. */
import { DeskGroup, Marking, Priority, Status } from '../gen/tocsin/record/v1/marking.ts';
import { type AssembledRecord, assembleRecord } from './assemble.ts';
import { MINUTE_MS } from './header.ts';
import { kindOf } from './kinds.ts';

const DAY_MS = 86_400_000;

export interface ControlInput {
  readonly network: Uint8Array;
  readonly self: string;
  readonly logOrigin: string;
  /** Of the table's control kinds. */
  readonly kind: string;
  /** Encoded message of the kind's facet. */
  readonly body: Uint8Array;
  /** Node ids. */
  readonly releasableTo: readonly string[];
  readonly urgent: boolean;
  readonly exercise: boolean;
  readonly atMs: number;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** Throws TypeError where the kind is no control kind of one facet: that is a fault of the caller. */
export function assembleControl(input: ControlInput): AssembledRecord {
  const row = kindOf(input.kind);
  const [facet, ...others] = row?.facets ?? [];
  if (!row?.control || !facet || others.length > 0)
    throw new TypeError(`expected a control kind of one facet, got ${input.kind}`);
  const released = Math.floor(input.atMs / MINUTE_MS) * MINUTE_MS;
  const expires = released + row.retention.expireAfterDays * DAY_MS;
  return assembleRecord({
    network: input.network,
    logOrigin: input.logOrigin,
    originator: input.self,
    recordId: input.randomBytes(16),
    revision: 1,
    content: {
      kind: row.code,
      deskGroup: DeskGroup.DESK_GROUP_NODE,
      priority: input.urgent ? Priority.PRIORITY_IMMEDIATE : Priority.PRIORITY_ROUTINE,
      marking: Marking.fromPartial({
        ...row.defaultMarking(),
        releasableTo: [...input.releasableTo],
        status: input.exercise ? Status.STATUS_EXERCISE : Status.STATUS_ACTUAL,
      }),
      expires,
      reviewBy: Math.min(expires, released + row.retention.reviewEveryDays * DAY_MS),
      facets: { [facet.name]: input.body },
    },
    released,
    salt: () => input.randomBytes(32),
  });
}
