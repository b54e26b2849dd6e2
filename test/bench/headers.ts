/** Headers that only the ledger reads: origin, priority and bytes of a real one's length. */
import { createHash, randomBytes } from 'node:crypto';
import { Header } from '../../src/gen/tocsin/record/v1/header.ts';
import type { SignedHeader } from '../../src/record/index.ts';

export function headersOf(logOrigin: string, count: number): readonly SignedHeader[] {
  const header = Header.fromPartial({ logOrigin, kind: 'seizure-notice' });
  return Array.from({ length: count }, () => {
    const bytes = new Uint8Array(randomBytes(800));
    return { bytes, digest: new Uint8Array(createHash('sha256').update(bytes).digest()), header };
  });
}
