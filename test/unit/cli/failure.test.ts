import { describe, expect, it } from 'vitest';
import { TocsinError } from '../../../src/base/error.ts';
import { CliError, EXIT, failureOf } from '../../../src/cli/failure.ts';
import { DeskCallError } from '../../../src/desk/index.ts';
import { NodeError } from '../../../src/node/index.ts';
import { PolicyError } from '../../../src/policy/errors.ts';
import { RpcError, Status } from '../../../src/transport/index.ts';

const errno = (code: string, path?: string) =>
  Object.assign(new Error(code), { code, syscall: 'open', path });

describe('the exit code', () => {
  it.each<[unknown, number]>([
    [new CliError('USAGE', 'x'), EXIT.usage],
    [new CliError('REFUSED', 'x'), EXIT.refused],
    [new CliError('NOT_FOUND', 'x'), EXIT.invalid],
    [new CliError('UNAVAILABLE', 'x'), EXIT.unavailable],
    [new NodeError({ code: 'CONFIG_INVALID', message: 'x' }), EXIT.invalid],
    [new NodeError({ code: 'NETWORK_MISMATCH', message: 'x' }), EXIT.refused],
    [new TocsinError({ code: 'DAMAGED', message: 'x', retry: 'fatal' }), EXIT.invalid],
    [new TocsinError({ code: 'FULL', message: 'x', retry: 'later' }), EXIT.unavailable],
    [new DeskCallError(new RpcError(Status.PERMISSION_DENIED, 'x')), EXIT.refused],
    [new DeskCallError(new RpcError(Status.INVALID_ARGUMENT, 'x')), EXIT.invalid],
    [new DeskCallError(new RpcError(Status.UNAVAILABLE, 'x')), EXIT.unavailable],
    [new DeskCallError(new RpcError(Status.INTERNAL, 'x')), EXIT.unexpected],
    [errno('ENOENT', '/x'), EXIT.invalid],
    [errno('ENOSPC'), EXIT.unavailable],
    [new RangeError('x'), EXIT.unexpected],
    ['thrown text', EXIT.unexpected],
  ])('of %s is %i', (error, exitCode) => {
    expect(failureOf(error).exitCode).toBe(exitCode);
  });
});

describe('the message', () => {
  it('names lines of a policy as it names fields', () => {
    const error = new PolicyError('POLICY_INVALID', 'x', [
      { line: 3, column: 1, code: 'SYNTAX', message: 'expected (', severity: 'error' },
    ] as never);
    expect(failureOf(error).faults).toEqual([{ path: 'line 3', code: 'SYNTAX', message: 'expected (' }]);
  });

  it('says that no node listens in words of its own', () => {
    const error = new DeskCallError(
      new RpcError(
        Status.UNAVAILABLE,
        'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:7443. Resolution note: ',
      ),
    );
    expect(failureOf(error).message).toBe(
      'nothing listens at 127.0.0.1:7443: is the node running, and does desk.json name its desk?',
    );
  });

  it('names the file where the system has a reason', () => {
    expect(failureOf(errno('EACCES', '/x/y')).message).toBe('no permission: /x/y');
  });
});
