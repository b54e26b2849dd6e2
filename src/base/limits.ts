/** Every bound on a stranger's input, in one table. Each has a test that shows it alone. */
const KiB = 1024;
const MiB = 1024 * KiB;

export const LIMITS = {
  /** Signed header of a record: 20 commitments and a marking fit many times over. */
  headerBytes: 16 * KiB,
  /** One facet: 500 weapon lines with identifiers fit. */
  facetBytes: 256 * KiB,
  /** Items in one parcel, and their bytes together before sealing. */
  parcelItems: 512,
  parcelBytes: 512 * KiB,
  /** One frame of a call on the broker, sealed. */
  frameBytes: 64 * KiB,
  /** One message of a call, all frames together. */
  messageBytes: 16 * MiB,
  /** Hashes in one Merkle proof: enough for 2^63 leaves (C2SP tlog-witness). */
  proofHashes: 63,
  /** Nesting of protobuf messages. */
  protobufDepth: 32,
  /** A checkpoint or other signed note; 16 signatures of ML-DSA-44 fit. */
  noteBytes: 64 * KiB,
  noteSignatures: 16,
  /** Name of a log or witness (C2SP tlog-cosignature: one length byte). */
  originBytes: 255,
  /** Certificates: one, and a path of them. */
  certificateBytes: 16 * KiB,
  chainCertificates: 5,
  /** Key statement, prekey bundle, roster. */
  statementBytes: 64 * KiB,
  prekeyBundleBytes: 64 * KiB,
  rosterBytes: 1 * MiB,
  /** Members of one network, versions of one roster history. */
  rosterMembers: 1000,
  rosterHistory: 10_000,
  /** Calls under way from one caller before it is told that we are busy. */
  callsPerCaller: 256,
  /** Metadata of one call, all keys and values together. */
  metadataBytes: 8 * KiB,
  /** Imported list file. */
  importBytes: 256 * MiB,
  /** Text typed by an officer in one field, in UTF-16 units. */
  textLength: 20_000,
} as const;

/** Allowed difference between two nodes' clocks. */
export const CLOCK_SKEW_MS = 5 * 60_000;
