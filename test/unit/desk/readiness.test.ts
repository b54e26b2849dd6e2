import { describe, expect, it } from 'vitest';
import { failedCall } from '../../../src/desk/grpc/status.ts';
import { assertReady } from '../../../src/desk/readiness.ts';
import { NetworkServiceDefinition } from '../../../src/gen/tocsin/desk/v1/network_service.ts';
import { RecordServiceDefinition } from '../../../src/gen/tocsin/desk/v1/record_service.ts';
import { Status } from '../../../src/transport/index.ts';

describe('a desk whose node was restarted from an earlier state', () => {
  const records = RecordServiceDefinition.fullName;

  it('reads and writes nothing while a recall may still come, and says whose', () => {
    let thrown: unknown;
    try {
      assertReady(records, { waitingFor: ['XB', 'XC'] });
    } catch (error) {
      thrown = error;
    }
    const failed = failedCall(thrown, 'id');
    expect(failed.code).toBe(Status.UNAVAILABLE);
    expect(failed.message).toContain('XB, XC');
  });

  it('still shows links, alarms and status', () => {
    expect(() =>
      assertReady(NetworkServiceDefinition.fullName, { waitingFor: ['XB'], behind: 'why' }),
    ).not.toThrow();
  });

  it('is as ever once nothing is waited for', () => {
    expect(() => assertReady(records, { waitingFor: [] })).not.toThrow();
  });

  it('says what to do where the restart is still to be declared', () => {
    let thrown: unknown;
    try {
      assertReady(records, { waitingFor: [], behind: 'run `tocsin node recover`' });
    } catch (error) {
      thrown = error;
    }
    const failed = failedCall(thrown, 'id');
    expect(failed.code).toBe(Status.UNAVAILABLE);
    expect(failed.message).toContain('tocsin node recover');
  });
});
