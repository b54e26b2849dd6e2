/**
 * Records that the node itself states about the exchange: receipts, disclosures, taskings, breach reports. One facet each,
 * signed through the log like any record, queued to exactly whom they name.
 */
import type { Random } from '../base/clock.ts';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import { DeskGroup, Marking, type Priority, Status } from '../gen/tocsin/record/v1/marking.ts';
import { type AssembledRecord, assembleRecord, kindOf, laneOf, MINUTE_MS } from '../record/index.ts';
import type { WriteTx } from '../store/index.ts';
import type { Directory } from './directory.ts';
import type { LedgerPort } from './ports.ts';
import { rowOf } from './stored.ts';

const DAY_MS = 86_400_000;

export interface ControlRecord {
  /** Code of a control kind with one facet. */
  readonly kind: string;
  /** The facet's encoded message. */
  readonly body: Uint8Array;
  /** Node ids that it is for. */
  readonly to: readonly string[];
  /** Absent = the kind's own. */
  readonly priority?: Priority;
  /** Absent = the node itself. */
  readonly deskGroup?: DeskGroup;
  /** About an exercise: signed by its log. */
  readonly exercise?: boolean;
}

export interface ControlSigner {
  readonly network: Uint8Array;
  readonly self: string;
  readonly logOrigin: string;
  readonly atMs: number;
  readonly random: Random;
}

/** Assembles a control record; released in the whole minute, kept as long as its kind says. */
export function makeControlRecord(signer: ControlSigner, record: ControlRecord): AssembledRecord {
  const { atMs, random } = signer;
  const row = kindOf(record.kind);
  const [facet] = row?.facets ?? [];
  if (!row?.control || !facet)
    throw new TypeError(`expected a control kind with a facet, got ${JSON.stringify(record.kind)}`);
  const released = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  const expires = released + row.retention.expireAfterDays * DAY_MS;
  return assembleRecord({
    network: signer.network,
    logOrigin: signer.logOrigin,
    originator: signer.self,
    recordId: random.bytes(16),
    revision: 1,
    content: {
      kind: record.kind,
      deskGroup: record.deskGroup ?? DeskGroup.DESK_GROUP_NODE,
      priority: record.priority ?? row.defaultPriority,
      marking: Marking.fromPartial({
        ...row.defaultMarking(),
        releasableTo: [...record.to],
        status: record.exercise ? Status.STATUS_EXERCISE : Status.STATUS_ACTUAL,
      }),
      expires,
      reviewBy: Math.min(expires, released + row.retention.reviewEveryDays * DAY_MS),
      facets: { [facet.name]: record.body },
    },
    released,
    salt: () => random.bytes(32),
  });
}

export interface ControlKeeper {
  readonly directory: Directory;
  readonly ledger: LedgerPort;
  readonly random: Random;
}

/** Makes a control record, puts it in line for its leaf and queues it, durably with the transaction; its header digest. */
export async function stateControlRecord(
  { directory, ledger, random }: ControlKeeper,
  tx: WriteTx,
  record: ControlRecord,
  atMs: number,
): Promise<Uint8Array> {
  const { signed, facets } = makeControlRecord(
    {
      network: directory.network,
      self: directory.self,
      logOrigin: ledger.origins[record.exercise ? 'exercise' : 'live'],
      atMs,
      random,
    },
    record,
  );
  const row = rowOf(signed, {
    origin: 'own',
    state: 'released',
    facets,
    statementDigest: directory.own().digest,
    committedAt: atMs,
  });
  await tx.records.insert([{ record: row, facets }]);
  await ledger.enqueue(tx, signed);
  await tx.outbox.add(
    record.to.map((recipient) => ({
      recipient,
      lane: laneOf(signed.header),
      action: ItemAction.ITEM_ACTION_RECORD,
      headerDigest: signed.digest,
      facets: facets.map(({ facet }) => facet),
      audience: {
        deskGroups: [DeskGroup.DESK_GROUP_NODE],
        purposes: [...(signed.header.marking?.purposes ?? [])],
      },
      facetAudiences: [],
      basis: 'R1',
    })),
    atMs,
  );
  return signed.digest;
}
