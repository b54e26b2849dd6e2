/** The desk API over real mutual TLS: who is let in, what each role may, what is shown, what errors say. */
import { once } from 'node:events';
import { connect as connectHttp2, type Settings } from 'node:http2';
import { connect } from 'node:tls';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import { DraftState } from '../../src/gen/tocsin/desk/v1/desk.ts';
import type { WatchInboxResponse } from '../../src/gen/tocsin/desk/v1/inbox_service.ts';
import { ProofState } from '../../src/gen/tocsin/desk/v1/record_service.ts';
import { type IssuedCertificate, issueOfficerCertificate, nodeHost } from '../../src/identity/index.ts';
import { judgeEvidence } from '../../src/ledger/index.ts';
import { exampleContent } from '../support/contents.ts';
import { testLeafKeys } from '../support/rsa-keys.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let customs: IssuedCertificate;
let officer: Desk;
let releaser: Desk;

beforeAll(async () => {
  world = await deskWorld();
  const [first, second] = await Promise.all([
    world.officer('customs', 'officer'),
    world.officer('customs', 'releaser'),
  ]);
  customs = first;
  officer = world.as(first);
  releaser = world.as(second);
});
afterAll(() => world[Symbol.asyncDispose]());

const seizure = (change: object = {}) =>
  JSON.stringify({ ...(exampleContent('seizure-notice') as object), ...change });

async function failure(call: Promise<unknown>): Promise<DeskCallError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof DeskCallError) return error;
    throw error;
  }
  throw new Error('expected the call to fail');
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function released(): Promise<Uint8Array> {
  const { draft } = await officer.records.createDraft({ contentJson: seizure() });
  const draftId = draft?.id ?? '';
  await officer.records.submitDraft({ draftId });
  const { record } = await releaser.records.releaseDraft({ draftId });
  return record?.headerDigest ?? new Uint8Array();
}

describe('who is let in', () => {
  it('an officer of this node, as the certificate says', async () => {
    const { officer: seen, node } = await officer.network.getNodeStatus({}, { purpose: 'border' });
    expect(node).toBe('XA');
    expect(seen).toMatchObject({
      node: 'XA',
      agency: 'Test Agency',
      deskGroup: 'customs',
      role: 'officer',
      purpose: 'border',
    });
  });

  it('nobody without a certificate, with one of another state, or with one that names no officer', async () => {
    const stranger = await issueOfficerCertificate({
      authority: world.federation.of('XB').authority,
      node: 'XB',
      nowMs: Date.now() - 60_000,
      newRsaKey: testLeafKeys(),
      name: 'Stranger',
      agency: 'Other',
      deskGroup: 'police',
      role: 'releaser',
    });
    expect((await failure(world.as(stranger).network.getNodeStatus({}))).statusName).toBe('UNAVAILABLE');
    const itself = await failure(world.as(world.nodeCertificate).network.getNodeStatus({}));
    expect(itself).toMatchObject({ statusName: 'UNAUTHENTICATED', code: 'UNAUTHENTICATED' });
    const socket = connect({ port: portOf(world), servername: nodeHost('XA'), ca: world.ca });
    await expect(once(socket.resume(), 'end')).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    });
    socket.destroy();
  });

  it('nobody whose certificate was revoked, from the next call on', async () => {
    const desk = world.as(await world.officer('police', 'officer', 'Leaver'));
    const { officer: seen } = await desk.network.getNodeStatus({});
    world.revoked.add(seen?.fingerprint ?? '');
    expect((await failure(desk.network.getNodeStatus({}))).statusName).toBe('UNAUTHENTICATED');
  });

  it('for no purpose that the desk group does not have', async () => {
    const error = await failure(officer.network.getNodeStatus({}, { purpose: 'investigation' }));
    expect(error).toMatchObject({ statusName: 'INVALID_ARGUMENT', code: 'INVALID_REQUEST' });
    expect(error.violations[0]).toMatchObject({ field: 'tocsin-purpose', reason: 'PURPOSE_UNKNOWN' });
  });
});

describe('drafts', () => {
  it('are refused with every fault of the content at once', async () => {
    const content = exampleContent('seizure-notice') as { facets: { summary: object } };
    const error = await failure(
      officer.records.createDraft({
        contentJson: JSON.stringify({
          ...content,
          marking: {},
          facets: {
            ...content.facets,
            summary: { ...content.facets.summary, country: 'Arvenia', ownerName: 'x' },
          },
        }),
      }),
    );
    expect(error).toMatchObject({ statusName: 'INVALID_ARGUMENT', code: 'INVALID' });
    expect(error.violations.length).toBeGreaterThanOrEqual(1);
    const bad = await failure(officer.records.createDraft({ contentJson: '{', note: 'n'.repeat(2_001) }));
    expect(bad.violations.map(({ field }) => field)).toEqual(['note', 'content_json']);
  });

  it('are made once for one request id, and only for the own desk group', async () => {
    const request = { requestId: 'r-1', contentJson: seizure() };
    const first = await officer.records.createDraft(request);
    const again = await officer.records.createDraft(request);
    expect(again.draft?.id).toBe(first.draft?.id);
    const foreign = await failure(
      officer.records.createDraft({ contentJson: seizure({ deskGroup: 'police' }) }),
    );
    expect(foreign.violations).toMatchObject([{ field: 'deskGroup' }]);
  });

  it('need a second officer to become a record', async () => {
    const both = world.as(await world.officer('customs', 'releaser', 'Does Both'));
    const { draft } = await both.records.createDraft({ contentJson: seizure() });
    const draftId = draft?.id ?? '';
    await both.records.submitDraft({ draftId });
    const alone = await failure(both.records.releaseDraft({ draftId }));
    expect(alone).toMatchObject({ statusName: 'PERMISSION_DENIED', code: 'FOUR_EYES', reason: 'FOUR_EYES' });
    const byOfficer = await failure(officer.records.releaseDraft({ draftId }));
    expect(byOfficer).toMatchObject({ statusName: 'PERMISSION_DENIED', code: 'REFUSED', reason: 'ROLE' });
    const preview = await releaser.policy.previewDraft({ draftId });
    const row = preview.partners.find(({ partner }) => partner === 'XB');
    expect(row?.receive?.allowed).toBe(true);
    expect(row?.facets.find(({ facet }) => facet === 'source')?.decision).toMatchObject({ allowed: false });
    const done = await releaser.records.releaseDraft({ draftId, requestId: 'go' });
    expect(done.recipients).toContain('XB');
    const again = await releaser.records.releaseDraft({ draftId });
    expect(again.record?.headerDigest).toEqual(done.record?.headerDigest);
  });

  it('go back with a note, are listed for their desk group and hidden from others', async () => {
    const { draft } = await officer.records.createDraft({ contentJson: seizure({}), note: 'first' });
    const draftId = draft?.id ?? '';
    await officer.records.submitDraft({ draftId });
    const noNote = await failure(releaser.records.sendBackDraft({ draftId }));
    expect(noNote).toMatchObject({ statusName: 'INVALID_ARGUMENT', code: 'NOTE_REQUIRED' });
    await releaser.records.sendBackDraft({ draftId, note: 'say where' });
    const { drafts } = await officer.records.listDrafts({ state: DraftState.DRAFT_STATE_DRAFT });
    expect(drafts.find(({ id }) => id === draftId)).toMatchObject({ note: 'say where', own: true });
    const police = world.as(await world.officer('police', 'officer'));
    expect((await police.records.listDrafts({})).drafts).toEqual([]);
    expect((await failure(police.records.getDraft({ draftId }))).statusName).toBe('NOT_FOUND');
    await officer.records.discardDraft({ draftId });
  });

  it('show what identifies a source to their drafter and releaser alone', async () => {
    const { draft } = await officer.records.createDraft({ contentJson: seizure() });
    const draftId = draft?.id ?? '';
    const colleague = world.as(await world.officer('customs', 'officer', 'Colleague'));
    const facetsFor = async (desk: Desk) =>
      Object.keys(JSON.parse((await desk.records.getDraft({ draftId })).contentJson).facets);
    expect(await facetsFor(officer)).toContain('source');
    expect(await facetsFor(releaser)).toContain('source');
    expect(await facetsFor(colleague)).not.toContain('source');
  });

  it('are released in bulk, with progress and refusals beside successes', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { draft } = await officer.records.createDraft({ contentJson: seizure() });
      ids.push(draft?.id ?? '');
      if (count > 0) await officer.records.submitDraft({ draftId: draft?.id ?? '' });
    }
    const steps = await all(releaser.records.releaseDrafts({ draftIds: [...ids, 'unknown'] }));
    expect(steps.at(-1)).toMatchObject({ done: 4, total: 4, refused: 2 });
    expect(
      steps
        .map(({ refusalCode }) => refusalCode)
        .filter(Boolean)
        .sort(),
    ).toEqual(['NOT_FOUND', 'NOT_SUBMITTED']);
  });
});

describe('a bulk release', () => {
  it(`names at most ${LIMITS.deskBulk} drafts`, async () => {
    const named = (count: number) =>
      releaser.records.releaseDrafts({
        draftIds: Array.from({ length: count }, (_, at) => at.toString(16).padStart(32, '0')),
      });
    const answers = (await all(named(LIMITS.deskBulk))).filter(({ draftId }) => draftId !== '');
    expect(answers).toHaveLength(LIMITS.deskBulk);
    expect(answers.every(({ refusalCode }) => refusalCode === 'NOT_FOUND')).toBe(true);
    expect((await failure(all(named(LIMITS.deskBulk + 1)))).violations).toMatchObject([
      { field: 'draft_ids', reason: 'TOO_MANY' },
    ]);
  });

  it('takes no more by its filter, wherever a page of them ends', async () => {
    const { store } = world.xa.temporary;
    const submitted = async (mode: 'live' | 'exercise') => {
      const { draft } = await officer.records.createDraft({ contentJson: seizure() }, { mode });
      const draftId = draft?.id ?? '';
      await officer.records.submitDraft({ draftId }, { mode });
      return draftId;
    };
    // Of the other world: it fills a place of a page and none of the release.
    const exercise = await submitted('exercise');
    const id = await submitted('live');
    const live = await store.read((tx) => tx.drafts.byId(id));
    if (live === undefined) throw new Error('expected a draft');
    const copies = Array.from({ length: LIMITS.deskBulk }, (_, at) => ({
      ...live,
      id: `f${at.toString(16).padStart(31, '0')}`,
    }));
    await store.write((tx) => tx.drafts.insert(copies));
    const wanted = failure(all(releaser.records.releaseDrafts({ kind: 'seizure-notice' })));
    expect((await wanted).violations).toMatchObject([{ field: 'draft_ids', reason: 'TOO_MANY' }]);
    await store.write(async (tx) => {
      for (const { id } of [...copies, live, { id: exercise }])
        await tx.drafts.change(id, 'submitted', { state: 'discarded' }, live.updatedAt);
    });
  });
});

describe('records', () => {
  it('are proven once a checkpoint covers them, and exported as evidence that stands alone', async () => {
    const headerDigest = await released();
    const before = await officer.records.getRecord({ headerDigest });
    expect(before.verification).toMatchObject({ state: ProofState.PROOF_STATE_PENDING, label: 'pending' });
    expect((await failure(officer.log.proveRecord({ headerDigest }))).code).toBe('NOT_PROVEN_YET');
    await world.xa.ledger.sequence('live');
    const after = await officer.records.getRecord({ headerDigest });
    expect(after.verification).toMatchObject({
      state: ProofState.PROOF_STATE_SIGNED,
      originator: 'XA',
      originatorName: 'State of XA',
      signaturesValid: true,
      inclusionValid: true,
      witnesses: [],
    });
    expect(after.verification?.authoritySubject).toContain('Tocsin authority of XA');
    expect(after.verification?.commitments.every(({ valid }) => valid)).toBe(true);
    expect(after.deliveries.map(({ recipient }) => recipient)).toContain('XB');

    const files = new Map<string, Uint8Array>();
    for await (const { path, data } of releaser.records.exportEvidence({ headerDigest }))
      files.set(path, Buffer.concat([files.get(path) ?? new Uint8Array(), data]));
    const judged = judgeEvidence({ files, networkDigest: world.federation.network });
    expect(judged).toMatchObject({ ok: true });
    expect([...files.keys()]).not.toContain('facets/source.bin');
    const { tlogProof } = await officer.log.proveRecord({ headerDigest });
    expect(Buffer.from(tlogProof).toString()).toMatch(/^c2sp\.org\/tlog-proof/);
  });

  it('withhold what the role may not read, with the rule that says so', async () => {
    const headerDigest = await released();
    const asOfficer = await officer.records.getRecord({ headerDigest });
    expect(asOfficer.withheld).toMatchObject([{ facet: 'source', facetClass: 'X', by: 'desk', rule: 'R9' }]);
    const asReleaser = await releaser.records.getRecord({ headerDigest });
    expect(asReleaser.facets.map(({ facet }) => facet)).toContain('source');
    const trail = await world.xa.temporary.store.read((tx) =>
      tx.audit.list({ subject: Buffer.from(headerDigest).toString('hex') }),
    );
    expect(trail.items[0]).toMatchObject({ action: 'record.read' });
    expect(String(trail.items[0]?.detail.facets)).toContain('source');
  });

  it('do not exist for administrators, who run the node without reading it', async () => {
    const headerDigest = await released();
    const administrator = world.as(await world.officer('customs', 'administrator'));
    expect((await failure(administrator.records.getRecord({ headerDigest }))).statusName).toBe('NOT_FOUND');
    expect((await failure(administrator.records.listRecords({}))).statusName).toBe('PERMISSION_DENIED');
    const unknown = await failure(officer.records.getRecord({ headerDigest: Buffer.alloc(32) }));
    expect(unknown).toMatchObject({ statusName: 'NOT_FOUND', code: 'NOT_FOUND' });
  });

  it('are found page by page, each once', async () => {
    for (let count = 0; count < 3; count += 1) await released();
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await officer.records.listRecords({
        kind: 'seizure-notice',
        originator: 'XA',
        pageSize: 2,
        cursor,
      });
      seen.push(...page.records.map((record) => Buffer.from(record.headerDigest).toString('hex')));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(3);
    expect((await failure(officer.records.listRecords({ cursor: 'nonsense' }))).code).toBe('BAD_CURSOR');
  });

  it('are revised by their desk group; the older one says so', async () => {
    const headerDigest = await released();
    const police = world.as(await world.officer('police', 'officer'));
    const refused = await failure(police.records.reviseRecord({ headerDigest }));
    expect(refused).toMatchObject({ statusName: 'PERMISSION_DENIED', code: 'REFUSED' });
    const { draft } = await officer.records.reviseRecord({ headerDigest, note: 'count corrected' });
    await officer.records.submitDraft({ draftId: draft?.id ?? '' });
    const { record } = await releaser.records.releaseDraft({ draftId: draft?.id ?? '' });
    expect(record?.revision).toBe(2);
    const older = await officer.records.getRecord({ headerDigest });
    expect(older.revisions.map(({ revision }) => revision)).toEqual([1, 2]);
  });

  it('of others are explained by their originator, own ones by policy', async () => {
    const headerDigest = await released();
    const { view } = await officer.policy.explain({ headerDigest, partner: 'XC' });
    expect(view?.partnerName).toBe('State of XC');
    expect(view?.facets.find(({ facet }) => facet === 'source')?.decision?.rule).toBe('R9');
  });
});

describe('the inbox', () => {
  const arrive = async (change: object = {}): Promise<Uint8Array> => {
    const content = { ...(exampleContent('watchlist-entry') as object), deskGroup: 'licensing', ...change };
    const headerDigest = await world.release(world.xb, content);
    await world.deliver(headerDigest);
    return headerDigest;
  };

  it('resumes after the last position seen, and goes on live', async () => {
    const licensing = world.as(await world.officer('licensing', 'officer'));
    const first = await arrive({ marking: { releasableTo: ['XA'] } });
    const stored = await all(licensing.inbox.watchInbox({}));
    const item = stored.find(({ entry }) => entry?.$case === 'item')?.entry;
    if (item?.$case !== 'item') throw new Error('expected an item');
    expect(item.value.record?.headerDigest).toEqual(Buffer.from(first));
    expect(item.value).toMatchObject({ sender: 'XB', acknowledgedBy: '', conditionPending: false });
    expect(item.value.facets).toContain('entities');
    expect(item.value.facets).not.toContain('persons');

    const stop = new AbortController();
    const live = licensing.inbox
      .watchInbox({ afterPosition: item.value.position, follow: true }, { signal: stop.signal })
      [Symbol.asyncIterator]() as AsyncIterator<WatchInboxResponse>;
    expect((await live.next()).value?.entry?.$case).toBe('caughtUp');
    const second = await arrive({ marking: { releasableTo: ['XA'] } });
    const next = (await live.next()).value?.entry;
    expect(next?.$case === 'item' && next.value.record?.headerDigest).toEqual(Buffer.from(second));
    stop.abort();
    await expect(live.next()).rejects.toMatchObject({ statusName: 'CANCELLED' });
  });

  it('says which records came of a member that was put out already, in lists, inbox and record', async () => {
    const police = world.as(await world.officer('police', 'officer', 'Late'));
    const [late, timely] = [
      await arrive({ marking: { releasableTo: ['XA'] } }),
      await arrive({ marking: { releasableTo: ['XA'] } }),
    ];
    const nowMs = Date.now() + 3_600_000;
    await world.xa.temporary.store.write(async (tx) => {
      // As a roster would that expels XB from an instant before both came.
      const marks = await tx.membership.markLate(
        { member: 'XB', standing: 'expelled', since: 0, until: nowMs, spared: [] },
        7n,
        nowMs,
      );
      expect(marks).toBeGreaterThanOrEqual(2);
    });
    const record = await police.records.getRecord({ headerDigest: late });
    expect(record.late).toMatchObject([{ member: 'XB', standing: 'expelled', rosterVersion: 7n }]);
    expect(record.record?.late).toBe(true);
    const fresh = await arrive({ marking: { releasableTo: ['XA'] } });
    const { records } = await police.records.listRecords({ pageSize: 100 });
    const lateIn = (digest: Uint8Array) =>
      records.find((one) => Buffer.from(digest).equals(one.headerDigest))?.late;
    expect([lateIn(late), lateIn(timely), lateIn(fresh)]).toEqual([true, true, false]);
    expect((await police.records.getRecord({ headerDigest: fresh })).late).toEqual([]);
    const entries = await all(police.inbox.watchInbox({}));
    const marked = entries.flatMap(({ entry }) =>
      entry?.$case === 'item' && Buffer.from(late).equals(entry.value.record?.headerDigest ?? Buffer.alloc(0))
        ? [entry.value.record?.late]
        : [],
    );
    expect(marked).toEqual([true]);
  });

  it('shows persons to the police and not to licensing, and an item once taken in hand to both', async () => {
    const police = world.as(await world.officer('police', 'officer', 'First'));
    const headerDigest = await arrive({ marking: { releasableTo: ['XA'] } });
    const record = await police.records.getRecord({ headerDigest }, { purpose: 'investigation' });
    expect(record.facets.map(({ facet }) => facet)).toContain('persons');
    expect(record.verification).toMatchObject({
      state: ProofState.PROOF_STATE_SIGNED,
      originator: 'XB',
      sender: 'XB',
      forwarded: false,
    });
    expect(record.withheld.find(({ facet }) => facet === 'source')).toMatchObject({ by: 'originator' });
    const licensing = world.as(await world.officer('licensing', 'officer'));
    const narrower = await licensing.records.getRecord({ headerDigest });
    expect(narrower.withheld.find(({ facet }) => facet === 'persons')).toMatchObject({ by: 'desk' });
    const items = await all(police.inbox.watchInbox({}));
    const last = items.flatMap(({ entry }) => (entry?.$case === 'item' ? [entry.value] : [])).at(-1);
    const position = last?.position ?? 0n;
    const mine = await police.inbox.acknowledgeItem({ position });
    const other = world.as(await world.officer('police', 'officer', 'Second'));
    expect(await other.inbox.acknowledgeItem({ position })).toEqual(mine);
    expect(mine.acknowledgedBy).toBe('First');
    const border = world.as(await world.officer('military', 'officer'));
    expect((await failure(border.inbox.acknowledgeItem({ position }))).statusName).toBe('NOT_FOUND');
  });

  it('holds every facet back until the condition of the originator is accepted by a releaser', async () => {
    const condition = 'contact XB before inspecting the vessel';
    const headerDigest = await arrive({
      marking: { releasableTo: ['XA'], handling: ['H3'], condition },
    });
    const [police, chief] = [
      world.as(await world.officer('police', 'officer')),
      world.as(await world.officer('police', 'releaser')),
    ];
    const pending = await police.records.getRecord({ headerDigest });
    expect(pending).toMatchObject({ conditionPending: true, condition, facets: [] });
    expect(pending.record?.title).toBe('');
    expect((await failure(police.records.acceptConditions({ headerDigest, condition }))).code).toBe(
      'REFUSED',
    );
    const wrong = await failure(chief.records.acceptConditions({ headerDigest, condition: 'fine' }));
    expect(wrong.violations).toMatchObject([{ field: 'condition' }]);
    await chief.records.acceptConditions({ headerDigest, condition });
    expect((await police.records.getRecord({ headerDigest })).facets.length).toBeGreaterThan(0);
  });
});

describe('the node', () => {
  it('tells of links, roster and logs', async () => {
    const { links } = await officer.network.listLinks({});
    expect(links.map(({ partner }) => partner)).toEqual(['XB', 'XC']);
    const { members, signedRoster, version } = await officer.network.getRoster({});
    expect(members).toHaveLength(3);
    expect([version, signedRoster.length > 0]).toEqual([1n, true]);
    expect(await officer.network.testLink({ partner: 'XB' })).toMatchObject({ ok: true, roundTripMs: 3 });
    const { logs } = await officer.log.getLog({});
    expect(logs[0]).toMatchObject({ node: 'XA', own: true });
    const { note } = await officer.log.getCheckpoint({});
    expect(Buffer.from(note).toString()).toContain(world.xa.ledger.origins.live);
  });

  it('checks and compares policies for administrators', async () => {
    const administrator = world.as(await world.officer('customs', 'administrator'));
    const { faults } = await administrator.policy.checkPolicy({ policy: 'permit (' });
    expect(faults[0]).toMatchObject({ severe: true });
    const newPolicy = `@id("no-xb") @reason("nothing to XB")
      forbid (principal, action == Action::"receive", resource) when { principal.node == "XB" };`;
    const answers = await all(administrator.policy.diffPolicy({ newPolicy }));
    const last = answers.at(-1)?.entry;
    if (last?.$case !== 'counts') throw new Error('expected the counts last');
    expect(last.value.records).toBeGreaterThan(0);
    expect(last.value.newlyHidden).toBeGreaterThan(0);
    expect(last.value.newlyVisible).toBe(0);
    expect((await failure(officer.policy.checkPolicy({ policy: '' }))).reason).toBe('ROLE');
  });

  it('refuses a list that is truncated, of unknown type, or no list, and drafts nothing', async () => {
    const list = Buffer.from('<?xml version="1.0"?><CONSOLIDATED_LIST>');
    const send = async function* (type: string, bytes: number) {
      yield { entry: { $case: 'options' as const, value: { type, bytes: BigInt(bytes) } } };
      yield { entry: { $case: 'data' as const, value: list } };
    };
    const unknown = await failure(all(officer.imports.importList(send('other', list.length))));
    expect(unknown.violations).toMatchObject([{ field: 'options.type' }]);
    const short = await failure(all(officer.imports.importList(send('un-list', list.length + 1))));
    expect(short).toMatchObject({ statusName: 'INVALID_ARGUMENT', code: 'IMPORT_REFUSED' });
    const broken = await failure(all(officer.imports.importList(send('un-list', list.length))));
    expect(broken).toMatchObject({ statusName: 'INVALID_ARGUMENT', code: 'XML_MALFORMED' });
  });

  it('takes a list of several files, a named table with its columns, and counts what each holds', async () => {
    const send = async function* (options: object, files: readonly string[]) {
      const bytes = files.map((file) => Buffer.from(file));
      const sizes = bytes.map((file) => BigInt(file.length));
      const total = sizes.reduce((sum, size) => sum + size, 0n);
      yield {
        entry: {
          $case: 'options' as const,
          value: { bytes: total, fileBytes: sizes, dryRun: true, ...options },
        },
      };
      // In pieces that end within files.
      const all = Buffer.concat(bytes);
      for (let at = 0; at < all.length; at += 50)
        yield { entry: { $case: 'data' as const, value: all.subarray(at, at + 50) } };
    };
    const countsOf = async (options: object, files: readonly string[]) =>
      (await all(officer.imports.importList(send(options, files)))).at(-1)?.counts;
    const sdn = `103,"KELP STAR","vessel","KELP",-0- ,"LKEL","Tug",-0- ,-0- ,"Norway",-0- ,-0- \r\n\x1a`;
    const alt = '103,1,"fka","KELP MOON",-0- \r\n\x1a';
    expect(await countsOf({ type: 'ofac-sdn' }, [sdn, alt])).toMatchObject({
      entries: 1,
      drafted: 1,
      categories: [{ name: 'vessels', entries: 1 }],
    });
    const table = 'nr,who\n1,Kelp and Sons\n';
    const mapping = [
      { column: 'nr', field: 'id' },
      { column: 'who', field: 'name' },
    ];
    expect(await countsOf({ type: 'csv', list: 'kelp', mapping, rows: 1n }, [table])).toMatchObject({
      drafted: 1,
    });
    const refusalOf = (options: object, files = [table]) =>
      failure(all(officer.imports.importList(send({ type: 'csv', list: 'kelp', ...options }, files))));
    expect(await refusalOf({})).toMatchObject({ statusName: 'INVALID_ARGUMENT', code: 'COLUMNS_UNCLEAR' });
    expect(await refusalOf({ mapping, rows: 2n })).toMatchObject({ code: 'NOT_WHOLE' });
    expect(await refusalOf({ mapping, delist: true })).toMatchObject({ code: 'NOT_WHOLE' });
    expect((await refusalOf({ mapping, fileBytes: [1n, 2n] })).violations).toMatchObject([
      { field: 'options.file_bytes', reason: 'SUM' },
    ]);
    expect((await refusalOf({ mapping: [...mapping, ...mapping] })).violations).toMatchObject([
      { field: 'options.mapping[2]', reason: 'DUPLICATE' },
      { field: 'options.mapping[3]', reason: 'DUPLICATE' },
    ]);
  });

  it('takes at most 8 files of a list, and a mapping of 200 columns with names of 200 characters', async () => {
    const violations = async (options: object) => {
      const send = async function* () {
        yield {
          entry: { $case: 'options' as const, value: { type: 'csv', list: 'kelp', bytes: 9n, ...options } },
        };
      };
      const { violations } = await failure(all(officer.imports.importList(send())));
      return (violations ?? []).map(({ field, reason }) => `${field} ${reason}`);
    };
    const files = (count: number) => ({
      bytes: BigInt(count),
      fileBytes: Array.from({ length: count }, () => 1n),
    });
    // At the bound what is refused is that the bytes never come.
    expect(await violations(files(8))).toEqual(['data TRUNCATED']);
    expect(await violations(files(9))).toEqual(['options.file_bytes TOO_MANY']);
    const columns = (count: number) => ({
      mapping: Array.from({ length: count }, (_, at) => ({ column: `c${at}`, field: 'note' })),
    });
    expect(await violations(columns(200))).toEqual(['data TRUNCATED']);
    expect(await violations(columns(201))).toEqual(['options.mapping TOO_MANY']);
    const header = (length: number) => ({ mapping: [{ column: 'h'.repeat(length), field: 'note' }] });
    expect(await violations(header(200))).toEqual(['data TRUNCATED']);
    expect(await violations(header(201))).toEqual(['options.mapping[0] TOO_LONG']);
  });

  it('refuses requests above the limit, compressed ones, and bytes that are no request', async () => {
    const raw = (bytes: Buffer, options: object = {}) => rawCall(world, customs, bytes, options);
    expect(await raw(Buffer.alloc(5_000_000))).toBe(status.RESOURCE_EXHAUSTED);
    // At the limit it is read, and no request.
    expect(await raw(Buffer.alloc(LIMITS.deskRequestBytes))).toBe(status.INVALID_ARGUMENT);
    expect(await raw(Buffer.alloc(LIMITS.deskRequestBytes + 1))).toBe(status.RESOURCE_EXHAUSTED);
    expect(await raw(Buffer.alloc(0), { 'grpc.default_compression_algorithm': 2 })).toBe(
      status.UNIMPLEMENTED,
    );
    expect(await raw(Buffer.from('0a05ff', 'hex'))).toBe(status.INVALID_ARGUMENT);
    expect(await raw(Buffer.alloc(0))).toBe(status.OK);
  });

  it(`has ${LIMITS.deskStreams} calls of one connection under way, and the next waits`, async () => {
    const session = connectHttp2(`https://${world.server.address}`, {
      servername: nodeHost('XA'),
      ca: world.ca,
      cert: customs.certPem,
      key: customs.keyPem,
    });
    const [{ maxConcurrentStreams }] = (await once(session, 'remoteSettings')) as [Settings];
    expect(maxConcurrentStreams).toBe(LIMITS.deskStreams);
    const call = () =>
      session.request({
        ':method': 'POST',
        ':path': '/tocsin.desk.v1.NetworkService/GetNodeStatus',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
    const underWay = Array.from({ length: LIMITS.deskStreams }, call);
    const next = call();
    let answered = false;
    const answer = once(next.resume(), 'trailers').finally(() => {
      answered = true;
    }) as Promise<[Record<string, string>]>;
    next.end(Buffer.alloc(5));
    // Others are served meanwhile.
    expect((await officer.network.getNodeStatus({})).node).toBe('XA');
    await new Promise((resolve) => session.ping(resolve));
    expect(answered).toBe(false);
    underWay[0]?.close();
    const [trailers] = await answer;
    expect(trailers['grpc-status']).toBe('0');
    for (const stream of underWay) stream.on('error', () => undefined);
    session.destroy();
  });

  it(`takes no list above ${LIMITS.importBytes} bytes, by its announcement`, async () => {
    const announce = async function* (bytes: number) {
      yield { entry: { $case: 'options' as const, value: { type: 'un-list', bytes: BigInt(bytes) } } };
    };
    const announced = (bytes: number) => failure(all(officer.imports.importList(announce(bytes))));
    expect(await announced(LIMITS.importBytes)).toMatchObject({ code: 'IMPORT_REFUSED' });
    expect((await announced(LIMITS.importBytes + 1)).violations).toMatchObject([
      { field: 'options.bytes', reason: 'RANGE' },
    ]);
  });

  it('tells the caller of its own faults a number only, and the log the cause', async () => {
    const send = async function* () {
      yield { entry: { $case: 'options' as const, value: { type: 'faulty', bytes: 1n } } };
      yield { entry: { $case: 'data' as const, value: Buffer.from('x') } };
    };
    const fault = await failure(all(officer.imports.importList(send())));
    expect(fault.statusName).toBe('INTERNAL');
    expect(fault.message).not.toContain('secret');
    expect(fault.message).toContain(fault.correlationId);
    expect(String(world.faults.at(-1))).toContain('a secret of the node');
  });
});

/** GetNodeStatus with any bytes as its request; the status that comes back. */
function rawCall(of: World, as: IssuedCertificate, bytes: Buffer, options: object): Promise<number> {
  const client = new Client(
    of.server.address,
    credentials.createSsl(Buffer.from(of.ca), Buffer.from(as.keyPem), Buffer.from(as.certPem)),
    { 'grpc.ssl_target_name_override': nodeHost('XA'), 'grpc.max_send_message_length': -1, ...options },
  );
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/tocsin.desk.v1.NetworkService/GetNodeStatus',
      (value: Buffer) => value,
      (value: Buffer) => value,
      bytes,
      (error) => {
        client.close();
        resolve(error?.code ?? status.OK);
      },
    );
  });
}

const portOf = ({ server }: World): number =>
  Number(server.address.slice(server.address.lastIndexOf(':') + 1));
