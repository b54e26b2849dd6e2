/** The desk of a node that was cut off (R14, scenario 21): what is about persons is locked by every way in, the rest is read. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, DeskCallError, downloadFile } from '../../src/desk/index.ts';
import type { Attachment } from '../../src/gen/tocsin/record/v1/shared_facets.ts';
import { judgeEvidence } from '../../src/ledger/index.ts';
import { fileOf, keepFile } from '../support/attachments.ts';
import { exampleContent } from '../support/contents.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let police: Desk;
let auditor: Desk;
/** Of XB, with persons and files: one shows a person, one a crate. */
let headerDigest: Uint8Array;
let personal: Attachment;
let plain: Attachment;

beforeAll(async () => {
  world = await deskWorld();
  [police, auditor] = (
    await Promise.all([world.officer('police', 'releaser'), world.officer('customs', 'auditor')])
  ).map((certificate) => world.as(certificate)) as [Desk, Desk];
  personal = await keepFile(world.xb.temporary, fileOf(5_000, 1), { personal: true });
  plain = await keepFile(world.xb.temporary, fileOf(5_000, 2));
  headerDigest = await arrive([personal, plain]);
  for (const { blobSha256 } of [personal, plain]) {
    const { blobs, store } = world.xa.temporary;
    await using blob = await blobs.create();
    for await (const piece of world.xb.temporary.blobs.read(blobSha256)) await blob.append(piece);
    const { digest, size } = await blob.finish();
    await store.write((tx) => tx.attachments.keep({ digest, size, at: 1 }));
  }
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => world.silent.clear());

async function arrive(files: readonly Attachment[]): Promise<Uint8Array> {
  const content = exampleContent('watchlist-entry') as { facets: object };
  const digest = await world.release(world.xb, {
    ...content,
    deskGroup: 'licensing',
    marking: { releasableTo: ['XA'], purposes: ['investigation'], alsoFacets: ['attachments'] },
    facets: { ...content.facets, attachments: { files: files.map(jsonOf) } },
  });
  await world.deliver(digest);
  return digest;
}

const jsonOf = (file: Attachment) => ({
  sha256: file.sha256.toString('base64'),
  blobSha256: file.blobSha256.toString('base64'),
  fileKey: file.fileKey.toString('base64'),
  mime: file.mime,
  size: file.size,
  caption: file.caption,
  class: file === personal ? 'personal' : 'operational',
  metadataStripped: true,
  redacted: file === personal,
});

const failure = async (call: Promise<unknown>): Promise<DeskCallError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeskCallError) return error;
  throw new Error('expected the call to be refused', { cause: error });
};

const investigation = { purpose: 'investigation' } as const;

const got = async (file: Attachment): Promise<Buffer> => {
  const parts: Buffer[] = [];
  const write = async (data: Uint8Array) => void parts.push(Buffer.from(data));
  await downloadFile(police, { headerDigest, sha256: file.sha256, from: 0, write });
  return Buffer.concat(parts);
};

const shown = async (digest = headerDigest) => {
  const answer = await police.records.getRecord({ headerDigest: digest }, investigation);
  return { names: answer.facets.map(({ facet }) => facet), withheld: answer.withheld };
};

const exported = async (): Promise<ReadonlyMap<string, Buffer>> => {
  const files = new Map<string, Buffer>();
  for await (const { path, data } of police.records.exportEvidence({ headerDigest }, investigation))
    files.set(path, Buffer.concat([files.get(path) ?? Buffer.alloc(0), data]));
  return files;
};

const aboutPersons = (files: ReadonlyMap<string, Buffer>): readonly string[] =>
  [...files.keys()].filter((path) => /persons|attachments/.test(path));

describe('a node that was cut off', () => {
  it('shows all of a record but what is about persons, and says why and what opens it', async () => {
    const before = await shown();
    expect(before.names).toEqual(expect.arrayContaining(['summary', 'persons', 'attachments']));
    world.silent.add('XB');
    const locked = await shown();
    expect(before.names.filter((name) => !locked.names.includes(name)).toSorted()).toEqual([
      'attachments',
      'persons',
    ]);
    for (const name of ['persons', 'attachments'])
      expect(locked.withheld.find(({ facet }) => facet === name)).toMatchObject({
        by: 'desk',
        rule: 'R14',
        reason: expect.stringMatching(/XB may have recalled it.+tocsin node status/),
      });
    const { records } = await police.records.listRecords({ kind: 'watchlist-entry' });
    expect(records.find((one) => Buffer.from(headerDigest).equals(one.headerDigest))?.title).not.toBe('');
    world.silent.clear();
    expect((await shown()).names).toEqual(before.names);
  });

  it('locks what another partner originated or sent, and no list of files that shows no person', async () => {
    const other = await arrive([plain]);
    world.silent.add('XC');
    expect((await shown()).names).toContain('persons');
    world.silent.add('XB');
    const { names } = await shown(other);
    expect(names).toContain('attachments');
    expect(names).not.toContain('persons');
  });

  it('gives out no file that shows a person, and every other', async () => {
    expect(await got(personal)).toEqual(fileOf(5_000, 1));
    world.silent.add('XB');
    expect(await failure(got(personal))).toMatchObject({
      code: 'CUT_OFF',
      statusName: 'UNAVAILABLE',
      reason: 'CUT_OFF',
      message: expect.stringContaining('(R14)'),
    });
    expect(await got(plain)).toEqual(fileOf(5_000, 2));
    const { attachments } = await police.attachments.listAttachments({ headerDigest });
    expect(attachments.map(({ sha256 }) => Buffer.from(sha256))).toEqual([plain.sha256]);
  });

  it('is not opened by an emergency, nor by evidence, nor by passing on', async () => {
    world.silent.add('XB');
    const reason = 'the ship with the cargo sails within the hour';
    await failure(police.breakGlass.openFacets({ headerDigest, facets: ['persons'], reason }));
    await failure(police.breakGlass.openFacets({ headerDigest, facets: ['attachments'], reason }));
    expect((await shown()).names).not.toContain('persons');

    const files = await exported();
    expect(aboutPersons(files)).toEqual([]);
    expect(judgeEvidence({ files, networkDigest: world.federation.network })).toMatchObject({ ok: true });
    world.silent.clear();
    expect(aboutPersons(await exported())).toHaveLength(4);
    world.silent.add('XB');

    const onward = police.onward.forward({ headerDigest, to: ['XC'], facets: ['persons'] });
    expect(await failure(onward)).toMatchObject({ code: 'CUT_OFF', reason: 'CUT_OFF' });
  });

  it('says so in its status to who sees links, whom it waits for', async () => {
    world.silent.add('XB');
    const status = await auditor.network.getNodeStatus({});
    expect(status).toMatchObject({ cutOff: true, recallsAwaited: ['XB'] });
    expect(status.partnersHeardAt).toBeGreaterThan(0n);
  });
});
