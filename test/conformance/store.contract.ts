/** What every store must do, whatever its engine. A test file per engine runs it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import type { AuditQuery, NewRecord, RecordQuery, Store, StoredDraft } from '../../src/store/index.ts';

/** How a test gets a store of the engine: empty, and the same again after a restart. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store;
  reopen(): Promise<Store>;
}

const bytes = (fill: number, length = 32): Uint8Array => new Uint8Array(length).fill(fill);

/** A record whose digest holds its number. */
export function sampleRecord(number: number, changes: Partial<NewRecord> = {}): NewRecord {
  const headerDigest = bytes(0);
  new DataView(headerDigest.buffer).setUint32(0, number);
  return {
    headerDigest,
    recordId: bytes(number % 251, 16),
    revision: 1,
    originator: 'XA',
    kind: 'seizure-notice',
    schemaVersion: 1,
    deskGroup: 2,
    priority: 1,
    tlp: 3,
    status: 1,
    released: 60_000,
    expires: 120_000,
    reviewBy: 90_000,
    header: bytes(7, 100),
    origin: 'own',
    state: 'released',
    logOrigin: 'tocsin/0011223344556677/XA/log/live/1',
    title: `Seizure ${number}`,
    committedAt: 61_000 + number,
    ...changes,
  };
}

const sampleDraft = (id: string, changes: Partial<StoredDraft> = {}): StoredDraft => ({
  id,
  kind: 'seizure-notice',
  content: '{}',
  state: 'draft',
  drafter: 'aa',
  drafterName: 'Officer A',
  deskGroup: 2,
  note: '',
  flags: '[]',
  createdAt: 1_000,
  updatedAt: 1_000,
  ...changes,
});

const insert = (store: Store, ...records: NewRecord[]) =>
  store.write((tx) => tx.records.insert(records.map((record) => ({ record, facets: [] }))));

export function describeStore(engine: string, open: () => Promise<StoreUnderTest>): void {
  describe(`a store on ${engine}`, () => {
    let under: StoreUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under[Symbol.asyncDispose]());

    describeTransactions(() => under);
    describeValues(() => under);
    describeRepositories(() => under);
  });
}

function describeTransactions(under: () => StoreUnderTest): void {
  it('keeps what was written over a restart', async () => {
    await under().store.write((tx) => tx.meta.setText('node', 'XA'));
    const store = await under().reopen();
    expect(await store.read((tx) => tx.meta.getText('node'))).toBe('XA');
  });

  it('takes a list of nothing as what it says: nothing is in it, everything is outside of it', async () => {
    const { store } = under();
    await store.read(async (tx) => {
      expect(await tx.attachments.due(Date.now(), 10, [])).toEqual([]);
      expect(await tx.attachments.nextDue([])).toBeUndefined();
      expect(await tx.membership.lateRecords([])).toEqual([]);
    });
  });

  it('rolls back a failed write alone when many share a commit', async () => {
    const { store } = under();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        store.write(async (tx) => {
          await tx.meta.setText(`key ${n}`, 'kept');
          if (n % 5 === 3) throw new Error(`write ${n} gives up`);
          return n;
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(4);
    const kept = await store.read((tx) =>
      Promise.all(Array.from({ length: 20 }, (_, n) => tx.meta.getText(`key ${n}`))),
    );
    expect(kept.map((value) => value === 'kept')).toEqual(kept.map((_, n) => n % 5 !== 3));
  });

  it('runs concurrent writes one after the other in the order of their calls', async () => {
    const { store } = under();
    const seen: number[] = [];
    await Promise.all(
      Array.from({ length: 600 }, (_, n) =>
        store.write(async (tx) => {
          const before = Number((await tx.meta.getText('counter')) ?? '0');
          await tx.meta.setText('counter', String(before + 1));
          seen.push(n);
        }),
      ),
    );
    expect(seen).toEqual(Array.from({ length: 600 }, (_, n) => n));
    expect(await store.read((tx) => tx.meta.getText('counter'))).toBe('600');
  });

  it('shows a read only what is committed', async () => {
    const { store } = under();
    let seenInside: string | undefined = 'not read';
    let readDuring: Promise<void> = Promise.resolve();
    let goOn: () => void = () => undefined;
    const paused = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const reached = Promise.withResolvers<void>();
    const writing = store.write(async (tx) => {
      await tx.meta.setText('key', 'new');
      reached.resolve();
      await paused;
    });
    await reached.promise;
    readDuring = store.read(async (tx) => {
      seenInside = await tx.meta.getText('key');
    });
    await readDuring;
    expect(seenInside).toBeUndefined();
    goOn();
    await writing;
    expect(await store.read((tx) => tx.meta.getText('key'))).toBe('new');
  });

  it('runs afterCommit hooks once the write is durable, and none of a failed write', async () => {
    const { store } = under();
    const events: string[] = [];
    const failed = store.write(async (tx) => {
      tx.afterCommit(() => events.push('failed'));
      throw new Error('gives up');
    });
    await expect(failed).rejects.toThrow('gives up');
    let during: readonly string[] = ['not set'];
    await store.write(async (tx) => {
      tx.afterCommit(() => events.push('hook'));
      await tx.meta.setText('key', 'value');
      during = [...events];
    });
    events.push('resolved');
    expect(during).toEqual([]);
    expect(events).toEqual(['hook', 'resolved']);
  });

  it('refuses its own handle inside a transaction instead of waiting for ever', async () => {
    const { store } = under();
    const nested = store.write(() => store.write(async () => 1));
    await expect(nested).rejects.toMatchObject({ code: 'NESTED_TRANSACTION' });
    const reading = store.read(() => store.read(async () => 1));
    await expect(reading).rejects.toMatchObject({ code: 'NESTED_TRANSACTION' });
  });

  it('refuses a query that comes after its transaction', async () => {
    const { store } = under();
    const tx = await store.write(async (inner) => inner);
    await expect(tx.meta.setText('key', 'late')).rejects.toMatchObject({ code: 'TRANSACTION_OVER' });
  });

  it('lets an afterCommit hook use the store', async () => {
    const { store } = under();
    const later = Promise.withResolvers<void>();
    await store.write(async (tx) => {
      tx.afterCommit(() => {
        store.write((next) => next.meta.setText('key', 'from a hook')).then(later.resolve, later.reject);
      });
    });
    await later.promise;
    expect(await store.read((tx) => tx.meta.getText('key'))).toBe('from a hook');
  });

  it('refuses work once closed, and closes twice without harm', async () => {
    const { store } = under();
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await expect(store.read(async () => 1)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(store.write(async () => 1)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await under().reopen();
  });
}

function describeValues(under: () => StoreUnderTest): void {
  it('keeps numbers of 64 bits and bytes exactly', async () => {
    const { store } = under();
    const leafIndex = 2n ** 62n + 1n;
    const header = Uint8Array.from({ length: 70_000 }, (_, n) => n % 256);
    await insert(store, sampleRecord(1, { leafIndex, header }));
    const found = await store.read((tx) => tx.records.byDigest(sampleRecord(1).headerDigest));
    expect(found?.leafIndex).toBe(leafIndex);
    expect(Buffer.compare(found?.header ?? new Uint8Array(), header)).toBe(0);
    await store.write((tx) => tx.meta.set('empty', new Uint8Array()));
    expect(await store.read((tx) => tx.meta.get('empty'))).toEqual(new Uint8Array());
  });

  it('keeps text of any script and refuses what one engine would change silently', async () => {
    const { store } = under();
    const title = 'Пистолет БМ-9 · بندقية · 手枪 · 🚢';
    await insert(store, sampleRecord(1, { title }));
    expect((await store.read((tx) => tx.records.byDigest(sampleRecord(1).headerDigest)))?.title).toBe(title);
    await expect(insert(store, sampleRecord(2, { title: 'a\0b' }))).rejects.toMatchObject({
      code: 'BAD_PARAMETER',
    });
    await expect(insert(store, sampleRecord(2, { released: Number.NaN }))).rejects.toMatchObject({
      code: 'BAD_PARAMETER',
    });
  });

  it('types violations of keys and references, and undoes the write', async () => {
    const { store } = under();
    await insert(store, sampleRecord(1));
    const again = store.write(async (tx) => {
      await tx.meta.setText('key', 'value');
      await tx.records.insert([{ record: sampleRecord(1), facets: [] }]);
    });
    await expect(again).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION', retry: 'no' });
    expect(await store.read((tx) => tx.meta.getText('key'))).toBeUndefined();
    const orphan = store.write((tx) =>
      tx.records.mergeFacets(bytes(9), [{ facet: 'summary', salt: bytes(1), body: bytes(2) }]),
    );
    await expect(orphan).rejects.toMatchObject({ code: 'REFERENCE_VIOLATION' });
  });
}

function describeRepositories(under: () => StoreUnderTest): void {
  it('inserts hundreds of records at once and pages through them without gap or repeat', async () => {
    const { store } = under();
    await insert(store, ...Array.from({ length: 1_203 }, (_, n) => sampleRecord(n)));
    for (const order of ['newest', 'oldest'] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.read((tx) =>
          tx.records.list({ world: 'both', order, limit: 500, ...(cursor !== undefined && { cursor }) }),
        );
        seen.push(...page.items.map(({ title }) => title));
        cursor = page.next;
        // Committed while paging: not part of what was begun from the newest end.
        if (order === 'newest') await insert(store, sampleRecord(10_000 + seen.length, { title: 'late' }));
      } while (cursor !== undefined);
      expect(seen.filter((title) => title !== 'late')).toHaveLength(1_203);
      expect(new Set(seen).size).toBe(order === 'newest' ? 1_203 : 1_204);
    }
  });

  it('filters records and searches their titles without regard to case or pattern letters', async () => {
    const { store } = under();
    await insert(
      store,
      sampleRecord(1, { title: 'Ship MORNING Star, 100%' }),
      sampleRecord(2, { title: 'Груз ОРУЖИЯ', originator: 'XB', origin: 'partner' }),
      sampleRecord(3, { title: 'Ship star_light', kind: 'warning' }),
    );
    const titles = async (query: Omit<RecordQuery, 'world'>) =>
      (await store.read((tx) => tx.records.list({ world: 'both', ...query }))).items.map(
        ({ title }) => title,
      );
    expect(await titles({ text: 'star ship' })).toEqual(['Ship star_light', 'Ship MORNING Star, 100%']);
    expect(await titles({ text: 'оружия' })).toEqual(['Груз ОРУЖИЯ']);
    expect(await titles({ text: '100%' })).toEqual(['Ship MORNING Star, 100%']);
    expect(await titles({ text: 'r_l' })).toEqual(['Ship star_light']);
    expect(await titles({ kind: 'warning' })).toEqual(['Ship star_light']);
    expect(await titles({ originator: 'XB', origin: 'partner', state: 'released' })).toEqual(['Груз ОРУЖИЯ']);
    expect(await store.read((tx) => tx.records.count({ world: 'both', text: 'ship' }))).toBe(2);
    await expect(
      store.read((tx) => tx.records.list({ world: 'both', cursor: 'AAAA' })),
    ).rejects.toMatchObject({
      code: 'BAD_CURSOR',
    });
  });

  it('takes a partner record once and merges facets that follow', async () => {
    const { store } = under();
    const record = sampleRecord(1, { origin: 'partner', proof: bytes(1, 64), checkpoint: bytes(2, 9) });
    const facet = (name: string) => ({ facet: name, salt: bytes(3), body: bytes(4, 10) });
    expect(await store.write((tx) => tx.records.take(record, [facet('summary')]))).toBe(true);
    expect(await store.write((tx) => tx.records.take(record, [facet('summary')]))).toBe(false);
    const added = await store.write((tx) =>
      tx.records.mergeFacets(record.headerDigest, [facet('summary'), facet('route')]),
    );
    expect(added).toEqual(['route']);
    const held = await store.read((tx) => tx.records.facets(record.headerDigest));
    expect(held).toEqual([facet('route'), facet('summary')]);
    const many = await store.read((tx) => tx.records.facetsOf([record.headerDigest, bytes(99)]));
    expect([...many.keys()]).toEqual([hex(record.headerDigest)]);
  });

  it('tells revisions, the current one, and what is superseded', async () => {
    const { store } = under();
    const recordId = bytes(5, 16);
    const first = sampleRecord(1, { recordId });
    const second = sampleRecord(2, { recordId, revision: 2, supersedes: first.headerDigest });
    await insert(store, first, second);
    expect(await store.write((tx) => tx.records.supersede([first.headerDigest]))).toBe(1);
    expect(await store.write((tx) => tx.records.supersede([first.headerDigest]))).toBe(0);
    const found = await store.read(async (tx) => ({
      revisions: await tx.records.revisions('XA', recordId, 'live'),
      current: await tx.records.current('XA', recordId, 'live'),
      byId: await tx.records.byRecordId(recordId, 'live'),
    }));
    expect(found.revisions.map(({ state }) => state)).toEqual(['superseded', 'released']);
    expect(found.current?.revision).toBe(2);
    expect(found.current?.supersedes).toEqual(first.headerDigest);
    expect(found.byId).toHaveLength(2);
    await expect(store.write((tx) => tx.records.setState(bytes(77), 'recalled'))).rejects.toMatchObject({
      code: 'ROW_MISSING',
    });
  });

  it('changes a draft only from the state that the caller saw', async () => {
    const { store } = under();
    await store.write((tx) =>
      tx.drafts.insert([sampleDraft('d1'), sampleDraft('d2', { importKey: 'un:1' })]),
    );
    const change = () => store.write((tx) => tx.drafts.change('d1', 'draft', { state: 'submitted' }, 2_000));
    expect(await change()).toBe(true);
    expect(await change()).toBe(false);
    const second = store.write((tx) => tx.drafts.insert([sampleDraft('d3', { importKey: 'un:1' })]));
    await expect(second).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
    const listed = await store.read((tx) => tx.drafts.list({ states: ['draft', 'submitted'], limit: 1 }));
    expect(listed.items.map(({ id, state }) => [id, state])).toEqual([['d1', 'submitted']]);
    const next = await store.read((tx) => tx.drafts.list({ cursor: listed.next ?? '', limit: 1 }));
    expect(next.items.map(({ id }) => id)).toEqual(['d2']);
    expect(next.next).toBeUndefined();
    expect((await store.read((tx) => tx.drafts.imported('un:'))).map(({ id }) => id)).toEqual(['d2']);
  });

  it('chains the audit trail and pages it from the newest', async () => {
    const { store } = under();
    const entry = (n: number) => ({
      at: n,
      actor: 'aa',
      action: 'draft.made',
      subject: `d${n}`,
      detail: { n },
    });
    await store.write((tx) => tx.audit.append([entry(1), entry(2)]));
    await Promise.all([3, 4, 5].map((n) => store.write((tx) => tx.audit.append([entry(n)]))));
    const verdict = await store.read((tx) => tx.audit.verify());
    expect(verdict).toMatchObject({ ok: true, value: { seq: 5n } });
    const page = await store.read((tx) => tx.audit.list({ limit: 2 }));
    expect(page.items.map(({ subject }) => subject)).toEqual(['d5', 'd4']);
    expect(page.items[0]?.detail).toEqual({ n: 5 });
    const found = async (query: AuditQuery) =>
      (await store.read((tx) => tx.audit.list(query))).items.map(({ subject }) => subject);
    expect(await found({ action: 'DRAFT', limit: 1 })).toEqual(['d5']);
    expect(await found({ actor: 'A_' })).toEqual([]);
    expect(await found({ actor: 'AA', since: 5 })).toEqual(['d5']);
  });

  it('raises an alarm once until it is cleared', async () => {
    const { store } = under();
    const raise = () =>
      store.write((tx) =>
        tx.alarms.raise({ at: 1, code: 'SILENCE', subject: 'XB', detail: 'no word for an hour' }),
      );
    expect([await raise(), await raise()]).toEqual([true, false]);
    expect(await store.write((tx) => tx.alarms.clear('SILENCE', 'XB', 2))).toBe(true);
    expect(await store.write((tx) => tx.alarms.clear('SILENCE', 'XB', 3))).toBe(false);
    expect(await raise()).toBe(true);
    const open = await store.read((tx) => tx.alarms.list({ open: true }));
    const all = await store.read((tx) => tx.alarms.list({}));
    expect([open.items.length, all.items.length, all.items[1]?.clearedAt]).toEqual([1, 2, 2]);
  });

  it('remembers who owes a countersignature', async () => {
    const { store } = under();
    const duty = { headerDigest: bytes(1), releaser: 'aa', releasedAt: 10, dueAt: 20 };
    await store.write((tx) => tx.duties.owe(duty));
    expect(await store.read((tx) => tx.duties.openCountersigns(19))).toEqual([]);
    expect(await store.read((tx) => tx.duties.openCountersigns(20))).toEqual([duty]);
    expect(await store.write((tx) => tx.duties.countersign(bytes(1), 'bb', 15))).toBe(true);
    expect(await store.write((tx) => tx.duties.countersign(bytes(1), 'bb', 16))).toBe(false);
    expect(await store.read((tx) => tx.duties.countersignOf(bytes(1)))).toMatchObject({
      countersigner: 'bb',
    });
  });
}
