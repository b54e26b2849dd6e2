/**
 * When keys that agree are a hit: two keys that each tell something, or one identifier. Keys of common words tell something
 * together, once, so that nobody learns whether a common name is listed.
 */
import { hex } from '../../base/bytes.ts';
import type { Listed } from './item.ts';
import type { PrivateKey, PrivateKeyKind } from './keys.ts';

/** Keys that have to agree where none is an identifier. */
export const LEAST_KEYS = 2;

/** An entry of the holder's that agrees with what was asked. */
export interface PrivateHit {
  /** Header digest of the entry's record: what a request to verify names. */
  readonly headerDigest: Uint8Array;
  readonly recordId: Uint8Array;
  /** Kinds of the keys that agree. */
  readonly agree: readonly PrivateKeyKind[];
}

/** What one asked key leads to. */
export interface Found {
  readonly key: PrivateKey;
  readonly listed: readonly Listed[];
}

/** The hits among what was found, the one with most keys first. */
export function hitsAmong(found: readonly Found[]): readonly PrivateHit[] {
  const pairs = found.flatMap(({ key, listed }) => listed.map((entry) => ({ key, entry })));
  const byEntry = Map.groupBy(pairs, ({ entry }) => hex(entry.headerDigest));
  const hits: PrivateHit[] = [];
  for (const agreeing of byEntry.values()) {
    const [first] = agreeing;
    if (first === undefined) continue;
    // An entry's other spellings may list one key again.
    const distinct = [...new Map(agreeing.map((one) => [one.key, one])).values()];
    const isCommon = ({ key, entry }: (typeof agreeing)[number]) => key.common || entry.common;
    const telling = distinct.filter((one) => !isCommon(one)).length;
    const points = telling + (distinct.some(isCommon) ? 1 : 0);
    if (points < LEAST_KEYS && !distinct.some(({ key }) => key.kind === 'identifier')) continue;
    const { headerDigest, recordId } = first.entry;
    hits.push({ headerDigest, recordId, agree: distinct.map(({ key }) => key.kind) });
  }
  return hits.sort((a, b) => b.agree.length - a.agree.length);
}
