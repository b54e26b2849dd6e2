/** `buf curl` as a client that knows nothing of this project: reflection, unary, stream, error details, health, over mutual TLS. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBadRequest, decodeErrorInfo } from '../../src/desk/grpc/rpc-details.ts';
import { nodeHost } from '../../src/identity/index.ts';
import { exampleContent } from '../support/contents.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

const run = promisify(execFile);
const buf = join(import.meta.dirname, '../../node_modules/.bin/buf');

let world: World;
let folder: string;

beforeAll(async () => {
  world = await deskWorld();
  folder = await mkdtemp(join(tmpdir(), 'tocsin-desk-'));
  const { certPem, keyPem } = await world.officer('licensing', 'officer');
  await Promise.all([
    writeFile(join(folder, 'ca.pem'), world.ca),
    writeFile(join(folder, 'officer.pem'), certPem),
    writeFile(join(folder, 'officer.key'), keyPem, { mode: 0o600 }),
  ]);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const own = ['--cert', 'officer.pem', '--key', 'officer.key'];

/** Output, or the JSON that a failed call prints. */
async function curl(path: string, body: object | undefined, more: readonly string[] = own): Promise<string> {
  const args = ['curl', '--protocol', 'grpc', '--cacert', 'ca.pem', '--servername', nodeHost('XA'), ...more];
  const data = body === undefined ? [] : ['-d', JSON.stringify(body)];
  try {
    const done = await run(buf, [...args, ...data, `https://${world.server.address}${path}`], {
      cwd: folder,
    });
    return done.stdout;
  } catch (error) {
    return String(Reflect.get(Object(error), 'stderr'));
  }
}

const call = (method: string, body: object, more?: readonly string[]) =>
  curl(`/tocsin.desk.v1.${method}`, body, more);

/**
 * Go, and so buf and grpcurl, refuses a certificate whose object identifiers have arcs of 2^31 or more, and an authority whose
 * critical name constraints hold anything but host names: what we issue has to stay readable there.
 */
describe('a foreign client', () => {
  it('finds services and their methods by reflection', async () => {
    const services = (await curl('', undefined, [...own, '--list-services'])).trim().split('\n');
    expect(services).toEqual([
      'grpc.health.v1.Health',
      'tocsin.desk.v1.AlarmService',
      'tocsin.desk.v1.AttachmentService',
      'tocsin.desk.v1.AuditService',
      'tocsin.desk.v1.BoardService',
      'tocsin.desk.v1.BreakGlassService',
      'tocsin.desk.v1.HotlineService',
      'tocsin.desk.v1.ImportService',
      'tocsin.desk.v1.InboxService',
      'tocsin.desk.v1.LogService',
      'tocsin.desk.v1.NetworkService',
      'tocsin.desk.v1.OfficerService',
      'tocsin.desk.v1.OnwardService',
      'tocsin.desk.v1.OversightService',
      'tocsin.desk.v1.PolicyService',
      'tocsin.desk.v1.RecallService',
      'tocsin.desk.v1.RecordService',
      'tocsin.desk.v1.RevisionService',
      'tocsin.desk.v1.ScreeningService',
      'tocsin.desk.v1.TaskingService',
    ]);
  });

  it('calls, reads streams and asks for health', async () => {
    const [status, health] = await Promise.all([
      call('NetworkService/GetNodeStatus', {}, [...own, '-H', 'tocsin-purpose: licensing']),
      curl('/grpc.health.v1.Health/Check', { service: 'tocsin.desk.v1.RecordService' }),
    ]);
    expect(JSON.parse(status)).toMatchObject({
      node: 'XA',
      officer: { role: 'officer', purpose: 'licensing' },
    });
    expect(JSON.parse(health)).toEqual({ status: 'SERVING' });
    const content = { ...(exampleContent('watchlist-entry') as object), marking: { releasableTo: ['XA'] } };
    await world.deliver(await world.release(world.xb, content));
    const stream = await call('InboxService/WatchInbox', { afterPosition: '0' });
    const answers = stream
      .trim()
      .split(/\n(?=\{)/)
      .map((text) => JSON.parse(text));
    expect(answers[0]).toMatchObject({ item: { position: '1', sender: 'XB' } });
    expect(answers.at(-1)).toEqual({ caughtUp: '1' });
  });

  it('is told what is wrong in details that any client of gRPC reads', async () => {
    const answer = await call('RecordService/CreateDraft', { contentJson: '{"kind":"no-such-kind"}' });
    const error = JSON.parse(answer);
    expect(error.code).toBe('invalid_argument');
    const detail = (type: string) =>
      Buffer.from(error.details.find((one: { type: string }) => one.type === type).value, 'base64');
    expect(decodeErrorInfo(detail('google.rpc.ErrorInfo'))).toMatchObject({ domain: 'tocsin' });
    expect(decodeBadRequest(detail('google.rpc.BadRequest'))).toMatchObject([
      { field: 'kind', reason: 'UNKNOWN_KIND' },
    ]);
  });

  it('is let in with a certificate only', async () => {
    const answer = await curl('/grpc.health.v1.Health/Check', {}, []);
    expect(answer).not.toContain('SERVING');
    expect(answer).toMatch(/fail|certificate|unavailable/i);
  });
});
