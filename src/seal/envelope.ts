/**
 * Sealed parcels: HPKE (RFC 9180 §5.1.1, base mode) with suite 0x647a/0x0001/0x0002, MLKEM768-X25519 (draft-ietf-hpke-pq)
 * with HKDF-SHA256 and AES-256-GCM. The outer header is the additional data, byte for byte. Base mode authenticates
 * nobody: who sent a parcel is said by the signature inside, and the two have to agree.
 */
import { randomBytes } from 'node:crypto';
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519, type Key } from 'hpke';
import { equalBytes, hex, utf8 } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import { ParcelEnvelope, SealedParcel } from '../gen/tocsin/exchange/v1/parcel.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { isNodeId, judgeMessage } from '../record/index.ts';
import { SealError } from './errors.ts';
import { isSizeStep, padContent } from './padding.ts';

export const PARCEL_FORMAT = 1;
export const PARCEL_SUITE = 1;

const PREKEY_ID_BYTES = 16;
const ENC_BYTES = 1120;
const TAG_BYTES = 16;
const PUBLIC_KEY_BYTES = 1216;
const ENVELOPE_BYTES = 256;

/** HPKE's `info`: keeps a key of ours from opening anything but a parcel. */
const INFO = utf8('tocsin/parcel/v1');

const suite = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

/** A prekey as it is made; the private half goes to the keyring's folder and nowhere else. */
export interface GeneratedPrekey {
  /** 16 random bytes. */
  readonly id: Uint8Array;
  /** 1216 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 bytes, the seed of both halves. */
  readonly privateKey: Uint8Array;
}

/** A fresh prekey. */
export async function generatePrekey(): Promise<GeneratedPrekey> {
  const pair = await suite.GenerateKeyPair(true);
  return {
    id: new Uint8Array(randomBytes(PREKEY_ID_BYTES)),
    publicKey: await suite.SerializePublicKey(pair.publicKey),
    privateKey: await suite.SerializePrivateKey(pair.privateKey),
  };
}

function envelopeFault(envelope: ParcelEnvelope): string | undefined {
  if (envelope.format !== PARCEL_FORMAT || envelope.suite !== PARCEL_SUITE) return 'format or suite';
  if (envelope.network.length !== 32) return 'network digest';
  if (!isNodeId(envelope.sender) || !isNodeId(envelope.recipient)) return 'node id';
  if (envelope.lane !== 0 && envelope.lane !== 1) return 'lane';
  if (envelope.prekeyId.length !== PREKEY_ID_BYTES) return 'prekey id';
  return undefined;
}

/**
 * Seals an encoded ParcelContent (without padding) to a prekey: pads it to a size step and gives an encoded SealedParcel,
 * different at each call. Throws PARCEL_TOO_LARGE, PREKEY_INVALID, ENVELOPE_INVALID.
 */
export async function sealParcel(options: {
  readonly envelope: ParcelEnvelope;
  readonly content: Uint8Array;
  readonly publicKey: Uint8Array;
}): Promise<Uint8Array> {
  const { envelope, content, publicKey } = options;
  const fault = envelopeFault(envelope);
  if (fault !== undefined)
    throw new SealError({
      code: 'ENVELOPE_INVALID',
      message: `expected a well-formed envelope, got a bad ${fault}`,
    });
  const plaintext = padContent(content);
  if (plaintext === undefined)
    throw new SealError({
      code: 'PARCEL_TOO_LARGE',
      message: `expected at most ${LIMITS.parcelContentBytes} bytes, got ${content.length}: put fewer items into the parcel`,
      facts: { bytes: content.length },
    });
  const key = await importPublicKey(publicKey);
  const aad = ParcelEnvelope.encode(envelope).finish();
  const { encapsulatedSecret, ciphertext } = await suite.Seal(key, plaintext, { aad, info: INFO });
  return SealedParcel.encode({
    envelope: Buffer.from(aad),
    enc: Buffer.from(encapsulatedSecret),
    ciphertext: Buffer.from(ciphertext),
  }).finish();
}

async function importPublicKey(publicKey: Uint8Array): Promise<Key> {
  try {
    if (publicKey.length === PUBLIC_KEY_BYTES) return await suite.DeserializePublicKey(publicKey);
  } catch (cause) {
    throw invalidPrekey(cause);
  }
  throw invalidPrekey(undefined);
}

const invalidPrekey = (cause: unknown): SealError =>
  new SealError({
    code: 'PREKEY_INVALID',
    message: `expected a public key of ${PUBLIC_KEY_BYTES} bytes for MLKEM768-X25519: fetch the recipient's prekeys again`,
    retry: 'later',
    cause,
  });

/** What a parcel says outside, and what it holds. */
export interface OpenedSeal {
  readonly envelope: ParcelEnvelope;
  /** Encoded ParcelContent, its padding included; not decoded here. */
  readonly content: Uint8Array;
}

export interface SealClaim {
  /** Encoded SealedParcel. */
  readonly bytes: Uint8Array;
  /** Network digest, recipient, sender and lane that the place of delivery stands for. */
  readonly network: Uint8Array;
  readonly recipient: string;
  readonly sender: string;
  readonly lane: number;
  /** Private half of a prekey; undefined where it is deleted or was never ours. */
  readonly privateKeyOf: (prekeyId: Uint8Array) => Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** What the outer header says against what the subject said: nothing of it is trusted, all of it has to agree. */
function headerFault(envelope: ParcelEnvelope, claim: SealClaim): Disbelieved<Reason> | undefined {
  if (envelope.format !== PARCEL_FORMAT)
    return disbelieved(
      Reason.REASON_FORMAT_UNSUPPORTED,
      `expected parcel format ${PARCEL_FORMAT}, got ${envelope.format}`,
    );
  if (envelope.suite !== PARCEL_SUITE)
    return disbelieved(Reason.REASON_DOWNGRADE, `expected suite ${PARCEL_SUITE}, got ${envelope.suite}`);
  if (!equalBytes(envelope.network, claim.network))
    return disbelieved(Reason.REASON_WRONG_NETWORK, 'the parcel is for another network');
  if (envelope.recipient !== claim.recipient)
    return disbelieved(Reason.REASON_WRONG_DESTINATION, 'the parcel is for another recipient');
  if (envelope.lane !== claim.lane)
    return disbelieved(Reason.REASON_WRONG_DESTINATION, 'the parcel is for another lane');
  if (envelope.sender !== claim.sender)
    return disbelieved(Reason.REASON_WRONG_SENDER, 'the parcel names another sender than its subject');
  const fault = envelopeFault(envelope);
  return fault === undefined
    ? undefined
    : disbelieved(Reason.REASON_MALFORMED, `expected a parcel envelope, got a bad ${fault}`);
}

const broken = (): Disbelieved<Reason> =>
  disbelieved(
    Reason.REASON_SEAL_BROKEN,
    'the parcel does not open with its prekey, or was altered after sealing',
  );

async function open(sealed: SealedParcel, privateKey: Uint8Array): Promise<Verdict<Uint8Array, Reason>> {
  const key = await suite.DeserializePrivateKey(privateKey);
  try {
    const options = { aad: sealed.envelope, info: INFO };
    return believed(await suite.Open(key, sealed.enc, sealed.ciphertext, options));
  } catch {
    // One reason for every failure of decapsulation or decryption: the difference would be an oracle.
    return broken();
  }
}

/**
 * Judges a sealed parcel and opens it: TOO_LARGE, MALFORMED, FORMAT_UNSUPPORTED, DOWNGRADE, WRONG_NETWORK,
 * WRONG_DESTINATION, WRONG_SENDER, PREKEY_GONE, SEAL_BROKEN. Until the signature inside is judged the content is a
 * stranger's. Throws only what `privateKeyOf` throws, and for a stored key that is none.
 */
export async function judgeSealedParcel(claim: SealClaim): Promise<Verdict<OpenedSeal, Reason>> {
  const outer = judgeMessage(
    SealedParcel,
    'tocsin.exchange.v1.SealedParcel',
    claim.bytes,
    LIMITS.sealedParcelBytes,
  );
  if (!outer.ok) return outer;
  const sealed = outer.value;
  const header = judgeMessage(
    ParcelEnvelope,
    'tocsin.exchange.v1.ParcelEnvelope',
    sealed.envelope,
    ENVELOPE_BYTES,
  );
  if (!header.ok) return header;
  const envelope = header.value;
  const fault = headerFault(envelope, claim);
  if (fault !== undefined) return fault;
  if (sealed.enc.length !== ENC_BYTES)
    return disbelieved(Reason.REASON_MALFORMED, `expected an encapsulated key of ${ENC_BYTES} bytes`);
  // A length between the steps would be a channel past the padding.
  if (!isSizeStep(sealed.ciphertext.length - TAG_BYTES))
    return disbelieved(Reason.REASON_MALFORMED, 'the length of the parcel is no size step');
  const privateKey = await claim.privateKeyOf(envelope.prekeyId);
  if (privateKey === undefined)
    return disbelieved(Reason.REASON_PREKEY_GONE, 'the prekey of the parcel is not held any more', {
      prekey: hex(envelope.prekeyId),
    });
  const opened = await open(sealed, privateKey);
  return opened.ok ? believed({ envelope, content: opened.value }) : opened;
}
