/** Bounds on strangers' input that more than one folder knows. test/limits.md names the test that shows each alone. */
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
  /** Manifest, items and padding of a parcel, and the same sealed: below the 1 MiB that brokers take by default. */
  parcelContentBytes: 576 * KiB,
  sealedParcelBytes: 580 * KiB,
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
  rosterBytes: 6 * MiB,
  /** Members of one network, each with a governance key in a roster of that size; versions of one history, and their bytes. */
  rosterMembers: 1000,
  rosterHistory: 10_000,
  rosterHistoryBytes: 64 * MiB,
  /** Rosters in one answer to getRosters; it takes no further one from that many bytes on, so that it fits a message. */
  rosterPage: 16,
  rosterPageBytes: 4 * MiB,
  /** Calls under way from one caller before it is told that we are busy. */
  callsPerCaller: 256,
  /** Bytes of messages that one direction of a call may have on the way, unread, beyond a single larger message. */
  callWindowBytes: 256 * KiB,
  /** Bytes of messages larger than a call's window that one peer may have us put together at once. */
  assemblyBytesPerPeer: 64 * MiB,
  /** Name of a method. */
  methodBytes: 256,
  /** One message of a handshake: a key statement and a signature of each kind fit. */
  handshakeBytes: 80 * KiB,
  /** Handshakes begun by one peer, or by all, and not finished; link sessions kept per peer. */
  handshakesPerPeer: 8,
  handshakesAtOnce: 512,
  sessionsPerPeer: 8,
  /** Small public messages: presence, newest checkpoint. */
  noticeBytes: 64 * KiB,
  /** Metadata of one call, all keys and values together. */
  metadataBytes: 8 * KiB,
  /** Imported list file. */
  importBytes: 256 * MiB,
  /** Entries in it. */
  importEntries: 100_000,
  /** One attachment before encryption (domain §2.4), and how many one record names. */
  attachmentBytes: 10 * MiB,
  attachmentsPerRecord: 50,
  /** Bytes of a blob in one message of a call, and such calls of one partner at once. */
  attachmentPieceBytes: 32 * KiB,
  attachmentCallsPerPeer: 4,
  /** Uploads of attachments begun by one officer, and by all, and not finished. */
  uploadsPerOfficer: 4,
  uploadsAtOnce: 32,
  /** Text typed by an officer in one field, in UTF-16 units. */
  textLength: 20_000,
  /** One request of an officer's client: a draft with every facet at its bound in JSON fits. */
  deskRequestBytes: 4 * MiB,
  /** Calls under way on one connection of an officer's client. */
  deskStreams: 100,
  /** Rows in one page of a list, and drafts in one bulk release. */
  deskPage: 500,
  deskBulk: 10_000,
  /** Questions in one call to screening, and in one stream. */
  screeningBatch: 5_000,
  screeningStream: 100_000,
  /** National policy as text. */
  policyBytes: 256 * KiB,
} as const;

/** Allowed difference between two nodes' clocks. */
export const CLOCK_SKEW_MS = 5 * 60_000;
