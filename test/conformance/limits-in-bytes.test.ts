/** Bounds on bytes, each alone: at the bound what is in them is looked at, one above they are refused unread. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import type { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import {
  assembleRecord,
  contentFromJson,
  judgeFacets,
  judgeHeader,
  logOrigin,
  netToken,
  reasonName,
} from '../../src/record/index.ts';
import { judgeSealedParcel } from '../../src/seal/index.ts';
import { decodePacket, encodeFramePacket, encodeHandshakePacket } from '../../src/transport/codec.ts';
import { Metadata } from '../../src/transport/index.ts';
import { type Federation, makeFederation } from '../support/authority.ts';
import { exampleContent } from '../support/contents.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
});
afterAll(() => federation[Symbol.asyncDispose]());

const answer = (verdict: { readonly ok: true } | { readonly ok: false; readonly reason: Reason }): string =>
  verdict.ok ? 'READ' : reasonName(verdict.reason);

describe('bytes that a stranger sends', () => {
  it(`as a header are ${LIMITS.headerBytes} at most`, () => {
    const header = (bytes: number) => answer(judgeHeader(federation.network, new Uint8Array(bytes)));
    expect(header(LIMITS.headerBytes)).toBe('LABEL_MISMATCH');
    expect(header(LIMITS.headerBytes + 1)).toBe('TOO_LARGE');
  });

  it(`as a facet are ${LIMITS.facetBytes} at most`, () => {
    const { network, nowMs } = federation;
    const { content } = contentFromJson(exampleContent('warning', nowMs), { deskGroup: 1, nowMs });
    if (content === undefined) throw new Error('expected the example to be read');
    const { signed, facets } = assembleRecord({
      network,
      logOrigin: logOrigin(netToken(network), 'XA', 'live', 1),
      originator: 'XA',
      recordId: new Uint8Array(16),
      revision: 1,
      content,
      released: nowMs,
      salt: () => new Uint8Array(32),
    });
    const [facet] = facets.filter((one) => one.facet === 'summary');
    if (facet === undefined) throw new Error('expected a summary');
    const sized = (bytes: number) => answer(judgeFacets(signed, [{ ...facet, body: Buffer.alloc(bytes) }]));
    expect(sized(LIMITS.facetBytes)).toBe('COMMITMENT_MISMATCH');
    expect(sized(LIMITS.facetBytes + 1)).toBe('TOO_LARGE');
  });

  it(`as a sealed parcel are ${LIMITS.sealedParcelBytes} at most`, async () => {
    const { network } = federation;
    const place = { network, recipient: 'XA', sender: 'XB', lane: 1, privateKeyOf: () => undefined };
    const sealed = async (size: number) =>
      answer(await judgeSealedParcel({ ...place, bytes: new Uint8Array(size) }));
    expect(await sealed(LIMITS.sealedParcelBytes)).toBe('MALFORMED');
    expect(await sealed(LIMITS.sealedParcelBytes + 1)).toBe('TOO_LARGE');
  });

  it(`as a frame of a call are ${LIMITS.frameBytes} at most`, () => {
    const id = new Uint8Array(32);
    const head = encodeFramePacket(id, 1n, 0, new Uint8Array()).length;
    const frame = (bytes: number) => decodePacket(encodeFramePacket(id, 1n, 0, new Uint8Array(bytes - head)));
    expect(frame(LIMITS.frameBytes)?.kind).toBe('frame');
    expect(frame(LIMITS.frameBytes + 1)).toBeUndefined();
  });

  it(`as a message of a handshake are ${LIMITS.handshakeBytes} at most`, () => {
    const handshake = (bytes: number) =>
      decodePacket(encodeHandshakePacket(new Uint8Array(16), new Uint8Array(bytes)));
    expect(handshake(LIMITS.handshakeBytes)?.kind).toBe('handshake');
    expect(handshake(LIMITS.handshakeBytes + 1)).toBeUndefined();
  });

  it(`as metadata of a call are ${LIMITS.metadataBytes} at most`, () => {
    // Each entry counts 32 beside its key and value.
    const sized = (bytes: number) => () => Metadata.from({ a: 'x'.repeat(bytes - 33) });
    expect(sized(LIMITS.metadataBytes)).not.toThrow();
    expect(sized(LIMITS.metadataBytes + 1)).toThrow(expect.objectContaining({ code: 'METADATA_INVALID' }));
  });
});
