import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { ParcelContent, ParcelEnvelope, SealedParcel } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { judgeMessage } from '../../../src/record/index.ts';
import { generatePrekey, judgeSealedParcel, type SealClaim, sealParcel } from '../../../src/seal/envelope.ts';
import { isSizeStep, padContent, SIZE_STEPS } from '../../../src/seal/padding.ts';

const network = Buffer.alloc(32, 7);
const prekey = await generatePrekey();
const other = await generatePrekey();
const envelope: ParcelEnvelope = {
  format: 1,
  suite: 1,
  network,
  sender: 'XA',
  recipient: 'XB',
  lane: 1,
  prekeyId: Buffer.from(prekey.id),
};
const content = ParcelContent.encode(
  ParcelContent.fromPartial({ manifest: Buffer.from('manifest') }),
).finish();
const bytes = await sealParcel({ envelope, content, publicKey: prekey.publicKey });

const claim: SealClaim = {
  bytes,
  network,
  recipient: 'XB',
  sender: 'XA',
  lane: 1,
  privateKeyOf: (id) => (prekey.id.every((byte, i) => byte === id[i]) ? prekey.privateKey : undefined),
};

const reasonOf = async (change: Partial<SealClaim>) => {
  const verdict = await judgeSealedParcel({ ...claim, ...change });
  return verdict.ok ? 'believed' : verdict.reason;
};

/** The parcel with parts of it changed on the way. */
const changed = (change: (sealed: SealedParcel) => Partial<SealedParcel>): Uint8Array => {
  const sealed = SealedParcel.decode(bytes);
  return SealedParcel.encode({ ...sealed, ...change(sealed) }).finish();
};
const withEnvelope = (change: Partial<ParcelEnvelope>): Uint8Array =>
  changed(() => ({ envelope: Buffer.from(ParcelEnvelope.encode({ ...envelope, ...change }).finish()) }));
const flipped = (source: Uint8Array, at: number): Buffer => {
  const copy = Buffer.from(source);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

describe('a sealed parcel', () => {
  test('opens to its content, padded, and its envelope', async () => {
    const verdict = await judgeSealedParcel(claim);
    if (!verdict.ok) throw new Error(verdict.detail);
    expect(verdict.value.envelope).toEqual(envelope);
    expect(verdict.value.content).toHaveLength(1024);
    const read = judgeMessage(ParcelContent, 'tocsin.exchange.v1.ParcelContent', verdict.value.content, 1024);
    expect(read.ok && read.value.manifest.toString()).toBe('manifest');
    expect(read.ok && read.value.padding.every((byte) => byte === 0)).toBe(true);
  });

  test('never looks the same twice', async () => {
    const again = await sealParcel({ envelope, content, publicKey: prekey.publicKey });
    expect(again).toHaveLength(bytes.length);
    expect(SealedParcel.decode(again).enc.equals(SealedParcel.decode(bytes).enc)).toBe(false);
  });

  test('does not show its content', () => {
    expect(Buffer.from(bytes).includes('manifest')).toBe(false);
  });

  test('is refused where subject and envelope disagree', async () => {
    expect(await reasonOf({ network: new Uint8Array(32) })).toBe(Reason.REASON_WRONG_NETWORK);
    expect(await reasonOf({ recipient: 'XC' })).toBe(Reason.REASON_WRONG_DESTINATION);
    expect(await reasonOf({ lane: 0 })).toBe(Reason.REASON_WRONG_DESTINATION);
    expect(await reasonOf({ sender: 'XC' })).toBe(Reason.REASON_WRONG_SENDER);
  });

  test('is refused in another format or suite', async () => {
    expect(await reasonOf({ bytes: withEnvelope({ format: 2 }) })).toBe(Reason.REASON_FORMAT_UNSUPPORTED);
    expect(await reasonOf({ bytes: withEnvelope({ suite: 0 }) })).toBe(Reason.REASON_DOWNGRADE);
    expect(await reasonOf({ bytes: withEnvelope({ prekeyId: Buffer.alloc(15) }) })).toBe(
      Reason.REASON_MALFORMED,
    );
  });

  test('is broken where the outer header was rewritten to match another place', async () => {
    const moved = withEnvelope({ sender: 'XC' });
    expect(await reasonOf({ bytes: moved, sender: 'XC' })).toBe(Reason.REASON_SEAL_BROKEN);
    const lane = withEnvelope({ lane: 0 });
    expect(await reasonOf({ bytes: lane, lane: 0 })).toBe(Reason.REASON_SEAL_BROKEN);
  });

  test('is broken with any part altered, and under another key', async () => {
    const alterations = [
      changed(({ enc }) => ({ enc: flipped(enc, 0) })),
      changed(({ enc }) => ({ enc: flipped(enc, 1119) })),
      changed(({ ciphertext }) => ({ ciphertext: flipped(ciphertext, 5) })),
      changed(({ ciphertext }) => ({ ciphertext: flipped(ciphertext, ciphertext.length - 1) })),
    ];
    for (const altered of alterations)
      expect(await reasonOf({ bytes: altered })).toBe(Reason.REASON_SEAL_BROKEN);
    expect(await reasonOf({ privateKeyOf: () => other.privateKey })).toBe(Reason.REASON_SEAL_BROKEN);
  });

  test('is broken with the encapsulated key of another parcel, and under the envelope of another', async () => {
    const another = SealedParcel.decode(await sealParcel({ envelope, content, publicKey: prekey.publicKey }));
    expect(await reasonOf({ bytes: SealedParcel.encode(another).finish() })).toBe('believed');
    expect(await reasonOf({ bytes: changed(() => ({ enc: another.enc })) })).toBe(Reason.REASON_SEAL_BROKEN);
    expect(await reasonOf({ bytes: changed(() => ({ ciphertext: another.ciphertext })) })).toBe(
      Reason.REASON_SEAL_BROKEN,
    );
    // Sealed to another recipient, and said to be for this one.
    const theirs = await sealParcel({
      envelope: { ...envelope, recipient: 'XC', prekeyId: Buffer.from(other.id) },
      content,
      publicKey: other.publicKey,
    });
    const { enc, ciphertext } = SealedParcel.decode(theirs);
    const keys = { privateKeyOf: () => other.privateKey };
    expect(await reasonOf({ bytes: theirs, recipient: 'XC', ...keys })).toBe('believed');
    expect(await reasonOf({ bytes: changed(() => ({ enc, ciphertext })), ...keys })).toBe(
      Reason.REASON_SEAL_BROKEN,
    );
  });

  test('to a prekey that is gone says so, whether asked at once or later', async () => {
    expect(await reasonOf({ privateKeyOf: () => undefined })).toBe(Reason.REASON_PREKEY_GONE);
    expect(await reasonOf({ privateKeyOf: async () => undefined })).toBe(Reason.REASON_PREKEY_GONE);
  });

  test('of a length between the steps, or with a short key, is malformed', async () => {
    const shorter = changed(({ ciphertext }) => ({ ciphertext: ciphertext.subarray(1) }));
    expect(await reasonOf({ bytes: shorter })).toBe(Reason.REASON_MALFORMED);
    expect(await reasonOf({ bytes: changed(({ enc }) => ({ enc: enc.subarray(1) })) })).toBe(
      Reason.REASON_MALFORMED,
    );
    expect(await reasonOf({ bytes: bytes.subarray(3) })).toBe(Reason.REASON_MALFORMED);
    expect(await reasonOf({ bytes: new Uint8Array(LIMITS.sealedParcelBytes + 1) })).toBe(
      Reason.REASON_TOO_LARGE,
    );
  });
});

describe('sealing', () => {
  test('refuses what nobody would open', async () => {
    const good = { envelope, content, publicKey: prekey.publicKey };
    const large = new Uint8Array(LIMITS.parcelContentBytes + 1);
    await expect(sealParcel({ ...good, content: large })).rejects.toMatchObject({ code: 'PARCEL_TOO_LARGE' });
    await expect(sealParcel({ ...good, publicKey: prekey.privateKey })).rejects.toMatchObject({
      code: 'PREKEY_INVALID',
      retry: 'later',
    });
    for (const wrong of [{ lane: 2 }, { suite: 2 }, { network: Buffer.alloc(31) }, { sender: 'xa' }])
      await expect(sealParcel({ ...good, envelope: { ...envelope, ...wrong } })).rejects.toMatchObject({
        code: 'ENVELOPE_INVALID',
      });
  });
});

describe('padding', () => {
  test('has 60 steps, each at most an eighth above the one before from 4 KiB on', () => {
    expect(SIZE_STEPS).toHaveLength(60);
    expect(SIZE_STEPS.at(-1)).toBe(LIMITS.parcelContentBytes);
    SIZE_STEPS.slice(3).forEach((step, i) => {
      expect(step / (SIZE_STEPS[i + 2] ?? 1)).toBeLessThanOrEqual(1.125);
    });
  });

  test('brings every content to a step, and adds nothing but zeros', () => {
    const near = fc
      .constantFrom(...SIZE_STEPS.slice(0, 20))
      .chain((step) => fc.integer({ min: Math.max(0, step - 300), max: step }));
    fc.assert(
      fc.property(near, (length) => {
        // A field of the manifest, so that the result is a message whatever the length.
        const plain = length < 200 ? new Uint8Array() : manifestOf(length);
        const padded = padContent(plain);
        expect(padded && isSizeStep(padded.length)).toBe(true);
        if (padded === undefined) return;
        const read = judgeMessage(ParcelContent, 'tocsin.exchange.v1.ParcelContent', padded, padded.length);
        expect(read.ok && read.value.padding.every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

/** An encoded content of exactly this length. */
function manifestOf(length: number): Uint8Array {
  for (const header of [2, 3, 4]) {
    const encoded = ParcelContent.encode(
      ParcelContent.fromPartial({ manifest: Buffer.alloc(length - header, 1) }),
    ).finish();
    if (encoded.length === length) return encoded;
  }
  return manifestOf(length + 1);
}
