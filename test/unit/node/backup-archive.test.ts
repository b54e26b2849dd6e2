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
});
