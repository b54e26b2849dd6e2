/** Judging: an evidence bundle, a header, a sealed parcel; each beside the least that anybody would have to compute. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { systemRandom } from '../../src/base/clock.ts';
import { Header } from '../../src/gen/tocsin/record/v1/header.ts';
import { RosterHistory, SignedKeyStatement } from '../../src/gen/tocsin/record/v1/identity.ts';
import { judgeHybrid } from '../../src/identity/index.ts';
import { buildEvidence, createLedger, judgeEvidence } from '../../src/ledger/index.ts';
import { encodeSigned, judgeHeader } from '../../src/record/index.ts';
import { generatePrekey, judgeSealedParcel, sealParcel } from '../../src/seal/index.ts';
import { makeFederation } from '../support/authority.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { fourFacets } from './contents.ts';
import { type Bench, perSecond, type Row } from './runner.ts';

const times = (count: number, work: () => Promise<unknown> | unknown) => async (): Promise<void> => {
  for (let each = 0; each < count; each += 1) await work();
};

function must(ok: boolean, what: string): void {
  if (!ok) throw new Error(`expected ${what} to be believed`);
}

async function bundleRow(stack: AsyncDisposableStack): Promise<readonly Row[]> {
  const federation = stack.use(await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] }));
  const { keyring, statement, signedStatement } = federation.of('XA');
  const { network, nowMs } = federation;
  const { store } = stack.use(await temporaryStore());
  const origins = { live: statement.statement.logOrigin, exercise: statement.statement.exerciseLogOrigin };
  const ledger = createLedger({
    store,
    keyring,
    origins,
    clock: { nowMs: () => nowMs },
    random: systemRandom,
    tickMs: 60_000,
  });
  const [record] = fourFacets(1, nowMs, { originator: 'XA', network, logOrigin: origins.live });
  if (!record) throw new Error('expected a record');
  await store.write((tx) => ledger.enqueue(tx, record.signed));
  const [checkpoint] = await ledger.sequence('live');
  if (!checkpoint) throw new Error('expected a checkpoint');
  const place = await store.read((tx) => ledger.proofFor(tx, record.signed.digest, checkpoint.size));
  const files = buildEvidence({
    network,
    record: {
      ...record,
      ...place,
      checkpoint: checkpoint.note,
      statement: SignedKeyStatement.encode(signedStatement).finish(),
    },
    rosterHistory: RosterHistory.encode(federation.history).finish(),
  });
  const message = encodeSigned('manifest', network, randomBytes(1_000));
  const signature = await keyring.sign('link', 'manifest', message);
  return [
    {
      id: 'bundle',
      what: 'judge an evidence bundle offline',
      unit: '/s',
      ours: perSecond(
        40,
        times(40, () => must(judgeEvidence({ files, networkDigest: network }).ok, 'the bundle')),
      ),
      against: [
        {
          name: 'verify one hybrid signature',
          measure: perSecond(
            200,
            times(200, () =>
              must(judgeHybrid('manifest', message, signature, keyring.link).ok, 'the signature'),
            ),
          ),
        },
      ],
    },
    {
      id: 'header',
      what: 'judge a header',
      unit: '/s',
      ours: perSecond(
        2_000,
        times(2_000, () => must(judgeHeader(network, record.signed.bytes).ok, 'the header')),
      ),
      against: [
        {
          name: 'decode it and believe it',
          measure: perSecond(
            2_000,
            times(2_000, () => Header.decode(Header.encode(record.signed.header).finish())),
          ),
        },
      ],
    },
  ];
}

async function sealRow(bytes: number): Promise<Row> {
  const prekey = await generatePrekey();
  const network = randomBytes(32);
  const envelope = {
    format: 1,
    suite: 1,
    network,
    sender: 'XA',
    recipient: 'XB',
    lane: 1,
    prekeyId: Buffer.from(prekey.id),
  };
  const content = randomBytes(bytes);
  const sealed = await sealParcel({ envelope, content, publicKey: prekey.publicKey });
  const open = async () => {
    const verdict = await judgeSealedParcel({
      bytes: sealed,
      network,
      recipient: 'XB',
      sender: 'XA',
      lane: 1,
      privateKeyOf: () => Promise.resolve(prekey.privateKey),
    });
    must(verdict.ok, 'the parcel');
  };
  const [key, iv] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const box = Buffer.concat([cipher.update(content), cipher.final()]);
  const tag = cipher.getAuthTag();
  const decrypt = () => {
    const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(tag);
    return Buffer.concat([decipher.update(box), decipher.final()]);
  };
  return {
    id: `parcel-${bytes / 1024}k`,
    what: `open a sealed parcel of ${bytes / 1024} KiB`,
    unit: '/s',
    ours: perSecond(100, times(100, open)),
    against: [{ name: 'AES-256-GCM alone', measure: perSecond(500, times(500, decrypt)) }],
  };
}

export const evidenceBench: Bench = {
  name: 'evidence',
  async open(stack) {
    return [...(await bundleRow(stack)), await sealRow(4 * 1024), await sealRow(512 * 1024)];
  },
};
