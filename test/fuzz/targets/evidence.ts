/** A bundle of evidence: one of its files after another changed, all others as they were. */
import { concat } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { RosterHistory, SignedKeyStatement } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { buildEvidence, judgeEvidence } from '../../../src/ledger/index.ts';
import { logSigner } from '../../../src/ledger/log-signer.ts';
import { leafHash } from '../../../src/merkle/index.ts';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import { assembleRecord, contentFromJson } from '../../../src/record/index.ts';
import { exampleContent } from '../../support/contents.ts';
import { accepted, type Form, outcomeOf, type Target } from '../target.ts';

/** Types of the files that hold a message. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/roster-history/, 'tocsin.record.v1.RosterHistory'],
  [/statement\.bin$/, 'tocsin.record.v1.SignedKeyStatement'],
  [/header\.bin$/, 'tocsin.record.v1.Header'],
];

function formOf(path: string): Form {
  const type = TYPES.find(([pattern]) => pattern.test(path))?.[1];
  if (type === undefined)
    return /\.bin$/.test(path) ? { kind: 'bytes', prefix: 1 } : { kind: 'text', prefix: 1 };
  const label = type.endsWith('Header') ? 'tocsin/header/v1\n'.length + 32 : 0;
  return { kind: 'protobuf', desc: messageDescriptor(type), prefix: 1 + label };
}

const bundle: Target = {
  name: 'evidence',
  reads: 'a bundle that proves a record to anybody: judgeEvidence',
  quick: 40,
  timeMs: 200,
  timeMsPerKiB: 4,
  open: async (scene) => {
    const { network, nowMs, of, history } = await scene.federation();
    const { keyring, statement, signedStatement } = of('XA');
    const { logOrigin } = statement.statement;
    const { content } = contentFromJson(exampleContent('warning', nowMs), {
      deskGroup: DeskGroup.DESK_GROUP_POLICE,
      nowMs,
    });
    if (content === undefined) throw new Error('expected an example without faults');
    const { signed, facets } = assembleRecord({
      network,
      logOrigin,
      originator: 'XA',
      recordId: new Uint8Array(16).fill(3),
      revision: 1,
      content,
      released: nowMs,
      salt: () => systemRandom.bytes(32),
    });
    const sign = logSigner(keyring, 'live', logOrigin);
    const checkpoint = await sign(
      { origin: logOrigin, size: 1n, root: leafHash(signed.bytes) },
      BigInt(nowMs / 1000),
    );
    const files = buildEvidence({
      network,
      rosterHistory: RosterHistory.encode(history).finish(),
      record: {
        signed,
        facets,
        index: 0n,
        proof: [],
        checkpoint,
        statement: SignedKeyStatement.encode(signedStatement).finish(),
      },
    });
    const paths = [...files.keys()].sort();
    const pathOf = (bytes: Uint8Array): string => paths[(bytes[0] ?? 0) % paths.length] ?? '';
    return {
      form: (seed) => formOf(pathOf(seed)),
      seeds: paths.map((path, at) => concat(Uint8Array.of(at), files.get(path) ?? new Uint8Array())),
      read: (bytes) => {
        const changed = new Map([...files, [pathOf(bytes), Uint8Array.from(bytes.subarray(1))]]);
        return outcomeOf(judgeEvidence({ files: changed, networkDigest: network, nowMs }), (report) =>
          accepted(report),
        );
      },
    };
  },
};

export const EVIDENCE_TARGETS: readonly Target[] = [bundle];
