/**
 * Bombs (T31): a small message becomes a large one nowhere. The desk refuses compressed requests before they are unpacked, and
 * no other part of the program can unpack anything.
 */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import { type IssuedCertificate, nodeHost } from '../../src/identity/index.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

const ROOT = join(import.meta.dirname, '../..');
const MIB = 1024 ** 2;

describe('a compressed request to the desk', () => {
  let world: World;
  let officer: IssuedCertificate;
  beforeAll(async () => {
    world = await deskWorld();
    officer = await world.officer('customs', 'officer');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  /** One gRPC message as bytes on HTTP/2, its compressed flag set, whatever the header says. */
  async function statusOf(message: Uint8Array, encoding: string): Promise<number> {
    const session = connect(`https://${world.server.address}`, {
      servername: nodeHost('XA'),
      ca: world.ca,
      cert: officer.certPem,
      key: officer.keyPem,
    });
    try {
      const call = session.request({
        ':method': 'POST',
        ':path': '/tocsin.desk.v1.NetworkService/GetNodeStatus',
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-encoding': encoding,
      });
      let answered: number | undefined;
      const read = (headers: IncomingHttpHeaders) => {
        if (headers['grpc-status'] !== undefined) answered = Number(headers['grpc-status']);
      };
      call
        .on('response', read)
        .on('trailers', read)
        .on('error', () => undefined);
      const closed = once(call, 'close');
      const head = Buffer.alloc(5);
      head[0] = 1;
      head.writeUInt32BE(message.length, 1);
      call.end(Buffer.concat([head, message]));
      call.resume();
      await closed;
      return answered ?? -1;
    } finally {
      session.close();
    }
  }

  it('is refused whether it unpacks to a KiB or a GiB, and takes no room', async () => {
    // Gzip files one after the other are one file (RFC 1952 §2.2): 16 MiB of zeros, 64 times.
    const part = gzipSync(Buffer.alloc(16 * MIB));
    const bomb = Buffer.concat(Array.from({ length: 64 }, () => part));
    expect(bomb.length).toBeLessThan(LIMITS.deskRequestBytes);
    const twice = gzipSync(gzipSync(Buffer.alloc(64 * MIB)));
    const before = process.memoryUsage();
    for (const message of [gzipSync(Buffer.alloc(1024)), twice, bomb])
      expect(await statusOf(message, 'gzip')).toBe(status.UNIMPLEMENTED);
    expect(await statusOf(bomb, 'deflate')).toBe(status.UNIMPLEMENTED);
    expect(await statusOf(bomb, 'br')).toBe(status.UNIMPLEMENTED);
    // Said to be plain, it is read as it is, and no request.
    expect(await statusOf(bomb, 'identity')).toBe(status.INVALID_ARGUMENT);
    const grown = process.memoryUsage().rss - before.rss;
    expect(grown).toBeLessThan(96 * MIB);
  });
});

describe('the program', () => {
  it('unpacks nothing of what strangers send: attachments, backups, lists and calls over NATS stay as they are; an officer’s own workbook is read within bounds', () => {
    const decompressor = /\b(?:\w*[gG]unzip\w*|\w*[iI]nflate\w*|\w*[uU]nzip\w*|\w*[dD]ecompress\w*)\b/;
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(200);
    const codeOf = (file: string) =>
      readFileSync(join(ROOT, 'src', file), 'utf8').replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
    // Workbooks are read by the command and the browser, never by a node, and no further than they say (`batch/read-table.test.ts`).
    expect(files.filter((file) => decompressor.test(codeOf(file)))).toEqual([
      join('screening', 'batch', 'archive.ts'),
    ]);
    const reader = /\breadTable\b|screening\/batch\//;
    const outside = files.filter((file) => !file.startsWith('screening') && reader.test(codeOf(file)));
    expect(outside.filter((file) => !/^(?:cli|console)[\\/]/.test(file))).toEqual([]);
    // The picture of the demonstration is packed, and parts of an index have a checksum.
    expect(files.filter((file) => /['"](?:node:)?zlib['"]/.test(codeOf(file))).sort()).toEqual([
      join('cli', 'demo', 'trials', 'picture.ts'),
      join('screening', 'identifiers', 'sections.ts'),
    ]);
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Readonly<Record<string, string>>;
    };
    expect(
      Object.keys(dependencies).filter((name) => /zip|flate|pako|brotli|zstd|tar\b/i.test(name)),
    ).toEqual(['fflate']);
  });
});
