/** Sealing: parcels to a recipient's prekey, attachments to a key of their own. */
export { BLOB_CHUNK_BYTES, blobBytesOf, blobPosition, FILE_KEY_BYTES, openBlob, sealBlob } from './blob.ts';
export {
  type GeneratedPrekey,
  generatePrekey,
  judgeSealedParcel,
  type OpenedSeal,
  PARCEL_FORMAT,
  PARCEL_SUITE,
  type SealClaim,
  sealParcel,
} from './envelope.ts';
export { SealError, type SealErrorCode } from './errors.ts';
export { SIZE_STEPS } from './padding.ts';
export { openFile, sealFile } from './passphrase.ts';
export { LinkSessions } from './session.ts';
export type { LinkSign } from './session-call.ts';
export type { LinkSessionsDeps, Peers } from './session-context.ts';
export { SessionRefusal, type SessionRefusalCode } from './session-refusal.ts';
