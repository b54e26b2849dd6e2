/** Every method that nodes call is known to whoever reads its messages strictly; else no call of it would pass. */
import { describe, expect, it } from 'vitest';
import { ExchangeServiceDefinition } from '../../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import {
  EvaluateRequest,
  PrivateScreeningServiceDefinition,
} from '../../../src/gen/tocsin/exchange/v1/private_screening_service.ts';
import { WitnessServiceDefinition } from '../../../src/gen/tocsin/exchange/v1/witness_service.ts';
import { judgeCallMessage } from '../../../src/node/message-judge.ts';

const paths = [
  ExchangeServiceDefinition,
  WitnessServiceDefinition,
  PrivateScreeningServiceDefinition,
].flatMap(({ fullName, methods }) => Object.values(methods).map(({ name }) => `/${fullName}/${name}`));

describe('messages of calls between nodes', () => {
  it.each(paths)('of %s pass where they are well-formed, and no others', (path) => {
    for (const side of ['request', 'response'] as const) {
      expect(judgeCallMessage(path, side, new Uint8Array()).ok).toBe(true);
      expect(judgeCallMessage(path, side, Uint8Array.of(0xff)).ok).toBe(false);
    }
  });

  it('of a question pass with eight elements, and of no unknown method', () => {
    const elements = Array.from({ length: 8 }, () => Buffer.alloc(32, 1));
    const bytes = EvaluateRequest.encode({ month: '2026-11', elements }).finish();
    const path = '/tocsin.exchange.v1.PrivateScreeningService/Evaluate';
    expect(judgeCallMessage(path, 'request', bytes).ok).toBe(true);
    expect(judgeCallMessage(`${path}All`, 'request', bytes).ok).toBe(false);
  });
});
