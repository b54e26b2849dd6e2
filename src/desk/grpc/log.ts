/** LogService: the node's own logs, those it knows of others, and proofs out of its own. */
import { concat, utf8 } from '../../base/bytes.ts';
import type { LogServiceDefinition, LogSummary } from '../../gen/tocsin/desk/v1/log_service.ts';
import { formatTlogProof } from '../../merkle/index.ts';
import type { Cosignature, ReadTx } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { type DeskLedger, inclusionOf } from '../inclusion.ts';
import { openByDigest } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { DeskDirectory } from '../report.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { notProvenYet } from './records.ts';
import { RequestFields, readField, subjectOf } from './request.ts';

export interface LogDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly directory: DeskDirectory;
  readonly ledger: DeskLedger & { readonly origins: Readonly<Record<'live' | 'exercise', string>> };
}

export function logHandlers(deps: LogDeps): DeskHandlers<LogServiceDefinition> {
  const { access, store, node, ledger } = deps;
  const ownOrigins = [ledger.origins.live, ledger.origins.exercise];

  return {
    async getLog(_request, { session }) {
      await access.require(session, 'log-status', 'logs');
      return store.read(async (tx) => {
        const own = await Promise.all(ownOrigins.map((origin) => ownLog(tx, node.self, origin)));
        const known = await tx.ledger.newestKnownLogs();
        const others = await Promise.all(
          known
            .filter(({ origin }) => !ownOrigins.includes(origin))
            .map(async ({ origin, node: owner, size, root, at }) => ({
              origin,
              node: owner,
              size,
              root: buffer(root),
              at: BigInt(at),
              witnesses: namesOf(await tx.ledger.cosignatures(origin, size)),
              pending: 0,
              own: false,
            })),
        );
        return { logs: [...own, ...others] };
      });
    },

    async getCheckpoint(request, { session }) {
      const fields = new RequestFields();
      const origin = fields.text('origin', request.origin, 255) || ledger.origins.live;
      fields.done();
      await access.require(session, 'log-status', origin);
      return store.read(async (tx) => {
        const found = ownOrigins.includes(origin)
          ? request.size === 0n
            ? await tx.ledger.newestCheckpoint(origin)
            : await tx.ledger.checkpoint(origin, request.size)
          : request.size === 0n
            ? await tx.ledger.newestKnownLog(origin)
            : await tx.ledger.knownLog(origin, request.size);
        if (found === undefined) throw notFound('checkpoint');
        const cosignatures = await tx.ledger.cosignatures(origin, found.size);
        return {
          note: buffer(withCosignatures(found.note, cosignatures)),
          size: found.size,
          root: buffer(found.root),
          at: BigInt(found.at),
        };
      });
    },

    async proveRecord(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      const answer = await store.read(async (tx) => {
        const opened = await openByDigest(tx, deps, headerDigest, session);
        if (opened === undefined) throw notFound('record');
        const { witnesses } = deps.directory.roster.roster;
        const inclusion = await inclusionOf(tx, { ledger, witnesses }, opened);
        if (inclusion === undefined) throw notProvenYet();
        const { index, proof, note } = inclusion;
        return {
          header: buffer(opened.signed.bytes),
          inclusion: { index, proof: proof.map(buffer), checkpoint: buffer(note) },
          tlogProof: buffer(formatTlogProof({ index, proof, checkpoint: note })),
        };
      });
      await access.audit(session, 'record.proved', subjectOf(headerDigest));
      return answer;
    },
  };
}

const namesOf = (cosignatures: readonly Cosignature[]): string[] => [
  ...new Set(cosignatures.map(({ witness }) => witness)),
];

async function ownLog(tx: ReadTx, self: string, origin: string): Promise<LogSummary> {
  const newest = await tx.ledger.newestCheckpoint(origin);
  return {
    origin,
    node: self,
    size: newest?.size ?? 0n,
    root: buffer(newest?.root),
    at: BigInt(newest?.at ?? 0),
    witnesses: newest === undefined ? [] : namesOf(await tx.ledger.cosignatures(origin, newest.size)),
    pending: await tx.ledger.pendingCount(origin),
    own: true,
  };
}

/** A note may carry any number of signature lines after the text (C2SP signed-note). */
const withCosignatures = (note: Uint8Array, cosignatures: readonly Cosignature[]): Uint8Array =>
  concat(note, ...cosignatures.map(({ line }) => utf8(line.endsWith('\n') ? line : `${line}\n`)));
