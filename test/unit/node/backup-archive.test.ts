import { describe, expect, it } from 'vitest';
import { concat, u32be, u64be, utf8 } from '../../../src/base/bytes.ts';
import { packEntries, unpackEntries } from '../../../src/node/backup-archive.ts';

async function* pieces(...bytes: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

async function namesIn(archive: Uint8Array): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of unpackEntries(pieces(archive))) {
    names.push(entry.name);
    for await (const _ of entry.bytes);
  }
  return names;
}

describe('a backup', () => {
  it('with a name that is no text is refused by its code', async () => {
    const whole: Uint8Array[] = [];
    const entries = async function* () {
      yield { name: 'node.yaml', size: 1, bytes: pieces(utf8('x')) };
    };
    for await (const piece of packEntries(entries())) whole.push(Uint8Array.from(piece));
    const archive = concat(...whole);
    expect(await namesIn(archive)).toEqual(['node.yaml']);
    const [magic = new Uint8Array()] = whole;
    const named = (name: Uint8Array) =>
      concat(magic, Uint8Array.of(1), u32be(name.length), name, u64be(0n), Uint8Array.of(0));
    for (const name of [Uint8Array.of(0xff), Uint8Array.of(0xed, 0xa0, 0x80), utf8('../x'), utf8('')])
      await expect(namesIn(named(name))).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
  });

  const MAGIC = utf8('tocsin/backup/v1\n');
  const entry = (name: string, mark = 1) =>
    concat(Uint8Array.of(mark), u32be(utf8(name).length), utf8(name), u64be(0n));
  const archiveOf = (...entries: readonly Uint8Array[]) => concat(MAGIC, ...entries, Uint8Array.of(0));

  it.each([
    '../x',
    'keys/../../x',
    'keys/..',
    '..',
    '.',
    '/etc/passwd',
    'keys//x',
    'keys/',
    'C:\\x',
    'keys\\x',
    'a\0b',
    'keys/\0',
    '.ssh',
    'keys/.hidden',
    'na\u00efve',
    'nai\u0308ve',
    'a:stream',
    '\u2025/x',
  ])('has no place for %j, whether it is made or read', async (name) => {
    await expect(namesIn(archiveOf(entry(name)))).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    const entries = async function* () {
      yield { name, size: 0, bytes: pieces() };
    };
    const made = async () => {
      for await (const _ of packEntries(entries()));
    };
    await expect(made()).rejects.toThrow(TypeError);
  });

  it('holds files alone, each once: neither a link nor a second file of one name', async () => {
    expect(await namesIn(archiveOf(entry('a'), entry('keys/a')))).toEqual(['a', 'keys/a']);
    await expect(namesIn(archiveOf(entry('a'), entry('a')))).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
    });
    for (const mark of [2, 0x32, 0xff])
      await expect(namesIn(archiveOf(entry('a', mark)))).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
  });

  it('has names of 255 bytes at most', async () => {
    const folders = `${'a'.repeat(64)}/`.repeat(2);
    const named = (bytes: number) => folders + 'b'.repeat(bytes - folders.length);
    expect(await namesIn(archiveOf(entry(named(255))))).toEqual([named(255)]);
    await expect(namesIn(archiveOf(entry(named(256))))).rejects.toThrow(/a name is too long/);
  });

  it('has 1,000,000 files at most', async () => {
    const archive = Buffer.concat([
      MAGIC,
      ...Array.from({ length: 1_000_001 }, (_, at) => entry(`f${at}`)),
      Uint8Array.of(0),
    ]);
    let files = 0;
    const reading = async () => {
      for await (const { bytes } of unpackEntries(pieces(archive))) {
        files += 1;
        for await (const _ of bytes);
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    expect(files).toBe(1_000_000);
  }, 120_000);
});
