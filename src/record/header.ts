/**
 * The signed header: encoded once, judged on arrival, its bytes kept as they are. Says nothing about who signed it; that
 * follows from the log that holds it.
 */
import { hex } from '../base/bytes.ts';
import type { FieldFault } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Header } from '../gen/tocsin/record/v1/header.ts';
import { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { RecordError } from './errors.ts';
import { kindOf } from './kinds.ts';
import { isFacetName, judgeMarking, worldOf } from './marking.ts';
import {
  encodeSigned,
  isNodeId,
  judgeSigned,
  NETWORK_DIGEST_BYTES,
  netToken,
  parseLogOrigin,
  sha256,
} from './signed.ts';
import { judgeMessage } from './wire.ts';

export const RECORD_ID_BYTES = 16;
export const DIGEST_BYTES = 32;
export const MINUTE_MS = 60_000;
const MAX_COMMITMENTS = 64;
const KIND = /^[a-z][a-z0-9-]{1,47}$/;
const HEADER_TYPE = 'tocsin.record.v1.Header';
/** 9999-12-31: what every date library can still write. */
const MAX_INSTANT_MS = 253_402_300_799_999n;

/** A header with the bytes that were signed. */
export interface SignedHeader {
  /** `header.bin`: the leaf of the originator's log. */
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes: what the record is identified by. */
  readonly digest: Uint8Array;
  readonly header: Header;
}

/** Signed bytes of a header of our own. Throws RecordError `HEADER_INVALID` with all faults where it breaks its form. */
export function encodeHeader(network: Uint8Array, header: Header): SignedHeader {
  const bytes = encodeSigned('header', network, Header.encode(header).finish());
  const faults = headerFaults(header);
  if (bytes.length > LIMITS.headerBytes)
    faults.push({ path: '', code: 'TOO_LARGE', message: `expected at most ${LIMITS.headerBytes} bytes` });
  const mismatch = originFault(network, header);
  if (mismatch !== undefined)
    faults.push({ path: 'logOrigin', code: 'ORIGIN_MISMATCH', message: mismatch.detail });
  if (faults.length > 0)
    throw new RecordError(
      'HEADER_INVALID',
      `expected a well-formed header, got faults in ${faults.map((fault) => fault.path).join(', ')}`,
      faults,
    );
  return { bytes, digest: sha256(bytes), header };
}

/**
 * The header in hostile bytes: TOO_LARGE, LABEL_MISMATCH, WRONG_NETWORK, MALFORMED (bytes or form), EXERCISE_MISMATCH
 * (status and log differ). An unknown kind passes: the caller answers it with UNKNOWN_KIND.
 */
export function judgeHeader(network: Uint8Array, bytes: Uint8Array): Verdict<SignedHeader, Reason> {
  if (bytes.length > LIMITS.headerBytes)
    return disbelieved(
      Reason.REASON_TOO_LARGE,
      `expected a header of at most ${LIMITS.headerBytes} bytes, got ${bytes.length}`,
    );
  const body = judgeSigned('header', network, bytes);
  if (!body.ok) return body;
  const decoded = judgeMessage<Header>(Header, HEADER_TYPE, body.value, LIMITS.headerBytes);
  if (!decoded.ok) return decoded;
  const header = decoded.value;
  const [fault] = headerFaults(header);
  if (fault !== undefined)
    return disbelieved(Reason.REASON_MALFORMED, `${fault.path}: ${fault.message}`, { field: fault.path });
  const mismatch = originFault(network, header);
  if (mismatch !== undefined) return mismatch;
  return believed({ bytes, digest: sha256(bytes), header });
}

/** Every fault of a header's form; what the kind's rules say about facets is judged elsewhere. */
function headerFaults(header: Header): FieldFault[] {
  const faults: FieldFault[] = [];
  const expect = (holds: boolean, path: string, message: string) => {
    if (!holds) faults.push({ path, code: 'WRONG_FORM', message });
  };
  const { marking, commitments } = header;
  expect(header.recordId.length === RECORD_ID_BYTES, 'recordId', 'expected 16 bytes');
  expect(KIND.test(header.kind), 'kind', 'expected the code of a kind');
  expect(header.schemaVersion >= 1, 'schemaVersion', 'expected a version from 1');
  expect(header.facetTableVersion >= 1, 'facetTableVersion', 'expected a version from 1');
  expect(isNodeId(header.originator), 'originator', 'expected a node id');
  expect(header.revision >= 1, 'revision', 'expected a revision from 1');
  expect(
    header.supersedes.length === (header.revision === 1 ? 0 : DIGEST_BYTES),
    'supersedes',
    'expected the digest of the revision before, and none for revision 1',
  );
  const minute = BigInt(MINUTE_MS);
  expect(header.released > 0n && header.released % minute === 0n, 'released', 'expected a whole minute');
  expect(
    header.released < header.expires && header.expires <= MAX_INSTANT_MS,
    'expires',
    'expected an instant after the release',
  );
  expect(
    header.released <= header.reviewBy && header.reviewBy <= header.expires,
    'reviewBy',
    'expected an instant between release and expiry',
  );
  expect(header.priority !== 0, 'priority', 'expected a priority');
  expect(header.deskGroup !== 0, 'deskGroup', 'expected a desk group');
  if (marking === undefined) expect(false, 'marking', 'expected a marking, got none');
  else {
    faults.push(...judgeMarking(marking));
    expect(marking.notBefore < header.expires, 'marking.notBefore', 'expected an instant before the expiry');
  }
  expect(
    commitments.length >= 1 && commitments.length <= MAX_COMMITMENTS,
    'commitments',
    `expected 1 to ${MAX_COMMITMENTS}`,
  );
  commitments.forEach(({ facet, digest }, index) => {
    expect(isFacetName(facet), `commitments[${index}].facet`, 'expected the name of a facet');
    expect(digest.length === DIGEST_BYTES, `commitments[${index}].digest`, 'expected 32 bytes');
  });
  const names = commitments.map((commitment) => commitment.facet);
  expect(new Set(names).size === names.length, 'commitments', 'expected each facet once');
  const row = kindOf(header.kind);
  if (row !== undefined) {
    expect(
      header.deskGroup !== DeskGroup.DESK_GROUP_NODE || row.control,
      'deskGroup',
      'expected a desk: the node itself speaks in control kinds only',
    );
    // A newer table is not ours to judge; commitments it adds are kept unread.
    if (row.facetTableVersion === header.facetTableVersion)
      expect(
        row.facets.length === names.length && row.facets.every((facet, index) => facet.name === names[index]),
        'commitments',
        'expected exactly the facets of the kind, in the order of its table',
      );
  }
  return faults;
}

function originFault(network: Uint8Array, header: Header) {
  const origin = parseLogOrigin(header.logOrigin);
  if (origin === undefined)
    return disbelieved(Reason.REASON_MALFORMED, 'expected the name of a log in logOrigin');
  if (network.length !== NETWORK_DIGEST_BYTES || origin.net !== netToken(network))
    return disbelieved(Reason.REASON_WRONG_NETWORK, 'expected a log of this network, got another');
  if (origin.node !== header.originator)
    return disbelieved(
      Reason.REASON_MALFORMED,
      `expected a log of originator ${header.originator}, got one of ${origin.node}`,
    );
  const status = header.marking?.status;
  if (status !== undefined && worldOf(status) !== origin.world)
    return disbelieved(
      Reason.REASON_EXERCISE_MISMATCH,
      `expected status and log to agree, got a ${origin.world} log; exercise and test have a log of their own`,
      { record: hex(header.recordId) },
    );
  return undefined;
}
