import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DeskError } from '../../../src/desk/errors.ts';
import { STATUS_OF_CODE, statusOfReason } from '../../../src/desk/failure.ts';
import { decodeBadRequest, decodeErrorInfo } from '../../../src/desk/grpc/rpc-details.ts';
import { failedCall } from '../../../src/desk/grpc/status.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { LifecycleError } from '../../../src/lifecycle/index.ts';
import { Status } from '../../../src/transport/index.ts';

const codesOf = (folder: string): string[] => {
  const source = readFileSync(join(import.meta.dirname, '../../../src', folder, 'errors.ts'), 'utf8');
  const union = /export type \w+ErrorCode =([^;]+);/.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'([A-Z_0-9]+)'/g)].map(([, code = '']) => code);
};

describe('errors as status', () => {
  it('have a status for every code that the desk, the life cycle and imports throw', () => {
    for (const [name, folder] of [
      ['DeskError', 'desk'],
      ['LifecycleError', 'lifecycle'],
      ['InteropError', 'interop'],
    ] as const) {
      const codes = codesOf(folder);
      expect(codes.length).toBeGreaterThan(5);
      for (const code of codes) expect(STATUS_OF_CODE, `${name} ${code}`).toHaveProperty([`${name} ${code}`]);
    }
  });

  it('carry every field at fault, up to a bound, and say how many there are', () => {
    const faults = Array.from({ length: 80 }, (_, index) => ({
      path: `facets.items.weapons[${index}].quantity`,
      code: 'RANGE',
      message: 'expected a whole number of 0 or more'.repeat(10),
    }));
    const failed = failedCall(new LifecycleError({ code: 'INVALID', message: 'm', faults }), 'id');
    expect(failed.code).toBe(Status.INVALID_ARGUMENT);
    const [violations, info] = failed.details;
    expect(decodeBadRequest(violations?.value ?? new Uint8Array())).toHaveLength(50);
    expect(decodeErrorInfo(info?.value ?? new Uint8Array()).metadata).toEqual({
      code: 'INVALID',
      faults: '80',
    });
  });

  it('name the reason of the network where there is one', () => {
    const failed = failedCall(new LifecycleError({ code: 'FOUR_EYES', message: 'm' }), 'id');
    expect(failed.code).toBe(Status.PERMISSION_DENIED);
    expect(decodeErrorInfo(failed.details[0]?.value ?? new Uint8Array()).metadata.reason).toBe('FOUR_EYES');
    const refused = new DeskError({ code: 'REFUSED', message: 'm', reason: Reason.REASON_ROLE });
    expect(failedCall(refused, 'id').internal).toBe(false);
    expect(statusOfReason(Reason.REASON_BUSY)).toBe(Status.RESOURCE_EXHAUSTED);
    expect(statusOfReason(Reason.REASON_GAP)).toBe(Status.FAILED_PRECONDITION);
  });

  it('keep to themselves what is not in the table', () => {
    for (const thrown of [new Error('secret'), 'secret', undefined, { code: 'REFUSED' }]) {
      const failed = failedCall(thrown, 'the-id');
      expect(failed).toMatchObject({ code: Status.INTERNAL, internal: true });
      expect(failed.message).not.toContain('secret');
      expect(failed.message).toContain('the-id');
    }
  });
});
