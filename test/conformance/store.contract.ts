/** What every store must do, whatever its engine. A test file per engine runs it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { ItemAction } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
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
  it('keeps proposed policies and what became of them: each step is taken once, newest first, also over a restart', async () => {
    const proposal = (n: number) => ({
      id: String(n).repeat(32),
      text: `// ${n}: §`,
      reason: 'as decided',
      base: 'digest',
      proposer: 'aa',
      proposerName: 'Officer A',
      proposedAt: 1_000 + n,
    });
    await under().store.write(async (tx) => {
      for (const n of [1, 2, 3]) await tx.policyProposals.add(proposal(n));
    });
    await expect(under().store.write((tx) => tx.policyProposals.add(proposal(1)))).rejects.toMatchObject({
      code: 'UNIQUE_VIOLATION',
    });
    const decision = { decider: 'bb', deciderName: 'Officer B', decidedAt: 2_000 };
    const [one = '', two = '', three = ''] = [1, 2, 3].map((n) => proposal(n).id);
    await under().store.write(async ({ policyProposals: kept }) => {
      expect(await kept.move(one, 'open', 'adopting', decision)).toBe(true);
      expect(await kept.move(one, 'open', 'adopting', decision)).toBe(false);
      expect(await kept.move(two, 'open', 'withdrawn', { ...decision, note: 'no' })).toBe(true);
      expect([await kept.reopen(one), await kept.reopen(one), await kept.reopen(two)]).toEqual([
        true,
        false,
        false,
      ]);
      expect(await kept.move(three, 'open', 'adopting', decision)).toBe(true);
      expect(await kept.move(three, 'adopting', 'adopted')).toBe(true);
    });
    const store = await under().reopen();
    await store.read(async ({ policyProposals: kept }) => {
      const { text: _, ...first } = proposal(1);
      expect(await kept.byId(one)).toEqual({ ...first, state: 'open', bytes: 8 });
      expect(await kept.byId(two)).toMatchObject({ state: 'withdrawn', ...decision, note: 'no' });
      expect(await kept.byId(three)).toMatchObject({ state: 'adopted', ...decision });
      expect(await kept.textOf(two)).toBe('// 2: §');
      expect([await kept.byId('none'), await kept.textOf('none')]).toEqual([undefined, undefined]);
      const page = await kept.list({ limit: 2 });
      expect(page.items.map(({ id }) => id)).toEqual([three, two]);
      const cursor = page.next ?? '';
      expect((await kept.list({ limit: 2, cursor })).items.map(({ id }) => id)).toEqual([one]);
      expect((await kept.list({ state: 'open' })).items.map(({ id }) => id)).toEqual([one]);
      expect([await kept.count('open'), await kept.count('adopting')]).toEqual([1, 0]);
    });
    await expect(store.read((tx) => tx.policyProposals.list({ cursor: 'none' }))).rejects.toMatchObject({
      code: 'BAD_CURSOR',
    });
  });

  it('keeps every policy that came into force once, and finds the one of any instant, also over a restart', async () => {
    const policy = (since: number, name: string, program = '1') => ({
      since,
      digest: `digest ${name}`,
      national: `// ${name}: §`,
      rosterVersion: 3n,
      rosterDigest: new Uint8Array(32).fill(7),
      program,
    });
    const first = policy(1_000, 'one');
    const second = policy(2_000, 'two');
    const upgraded = policy(3_000, 'two', '2');
    const back = policy(4_000, 'one', '2');
    await under().store.write(async ({ policyHistory: kept }) => {
      expect([await kept.newest(), await kept.at(5_000)]).toEqual([undefined, undefined]);
      expect(await kept.note(first)).toBe(true);
      expect(await kept.note({ ...first, since: 1_500 })).toBe(false);
      for (const one of [second, upgraded, back]) expect(await kept.note(one)).toBe(true);
    });
    const store = await under().reopen();
    await store.read(async ({ policyHistory: kept }) => {
      expect(await kept.newest()).toEqual(back);
      const at = (ms: number) => kept.at(ms);
      expect([await at(999), await at(1_000), await at(1_999)]).toEqual([undefined, first, first]);
      expect([await at(2_000), await at(3_999), await at(4_000)]).toEqual([second, upgraded, back]);
    });
  });

  it('keeps the first key of a holder’s month, and counts what is spent of a day up to its limit', async () => {
    const key = {
      holder: 'XA',
      month: '2026-11',
      publicKey: bytes(1),
      announcement: bytes(2),
      seenAt: 1_000,
    };
    const today = { side: 'holder', partner: 'XB', day: '2026-11-27', what: 'question' } as const;
    await under().store.write(async ({ privateScreening: kept }) => {
      expect(await kept.pinKey(key)).toEqual(key);
      expect(await kept.pinKey({ ...key, publicKey: bytes(3), seenAt: 2_000 })).toEqual(key);
      expect([await kept.spend(today, 2), await kept.spend(today, 2)]).toEqual([1, 2]);
      expect(await kept.spend(today, 2)).toBeUndefined();
      const others = [
        { ...today, side: 'asker' },
        { ...today, partner: 'XC' },
        { ...today, what: 'bucket' },
      ] as const;
      for (const other of others) expect(await kept.spend(other, 2)).toBe(1);
    });
    const store = await under().reopen();
    await store.write(async ({ privateScreening: kept }) => {
      expect([await kept.used(today), await kept.keyOf('XA', '2026-11')]).toEqual([2, key]);
      await kept.forgetBefore('2026-11-27', '2026-11');
      expect([await kept.used(today), await kept.keyOf('XA', '2026-11')]).toEqual([2, key]);
      await kept.forgetBefore('2026-11-28', '2026-12');
      expect([await kept.used(today), await kept.keyOf('XA', '2026-11')]).toEqual([0, undefined]);
    });
  });

  it('keeps questions to partners from the first officer’s to the answers, each step once', async () => {
    const inquiry = (number: number) => ({
      id: String(number).padStart(32, '0'),
      deskGroup: number % 2,
      purpose: 3,
      question: bytes(number),
      asker: 'a1',
      askerName: 'Ada',
      askedAt: 1_000,
      keptUntil: 2_000 + number,
    });
    const decision = { decider: 'b1', deciderName: 'Ben', decidedAt: 1_500, note: 'go', keptUntil: 5_000 };
    const id = (number: number) => inquiry(number).id;
    await under().store.write(async ({ privateInquiries: kept }) => {
      for (const number of [1, 2, 3, 4, 5]) await kept.add(inquiry(number));
      expect(await kept.byId(id(1))).toEqual({ ...inquiry(1), state: 'open' });
      expect([
        await kept.decide(id(1), 'asking', decision),
        await kept.decide(id(1), 'declined', decision),
      ]).toEqual([true, false]);
      expect(await kept.answer(id(1), bytes(7), 5_500, false)).toBe(true);
      expect(await kept.byId(id(1))).toMatchObject({ state: 'asking', answers: bytes(7), keptUntil: 5_500 });
      expect([
        await kept.answer(id(1), bytes(9), 6_000, true),
        await kept.answer(id(1), bytes(8), 7_000, true),
      ]).toEqual([true, false]);
      expect(await kept.answer(id(2), bytes(8), 7_000, true)).toBe(false);
      await kept.decide(id(2), 'asking', decision);
      expect([await kept.interrupt(), await kept.interrupt()]).toEqual([[id(2)], []]);
    });
    const store = await under().reopen();
    await store.write(async ({ privateInquiries: kept }) => {
      const { keptUntil: _, ...decided } = decision;
      expect(await kept.byId(id(1))).toEqual({
        ...inquiry(1),
        ...decided,
        state: 'answered',
        answers: bytes(9),
        keptUntil: 6_000,
      });
      const first = await kept.list({ openOnly: false, nowMs: 0, limit: 3 });
      expect(first.items.map((one) => one.id)).toEqual([id(5), id(4), id(3)]);
      const rest = await kept.list({ openOnly: false, nowMs: 0, limit: 3, cursor: first.next ?? '' });
      expect([rest.items.map((one) => one.id), rest.next]).toEqual([[id(2), id(1)], undefined]);
      const open = await kept.list({ openOnly: true, nowMs: 0, deskGroup: 1 });
      expect(open.items.map((one) => one.id)).toEqual([id(5), id(3)]);
      // At its instant it is kept no longer.
      expect((await kept.list({ openOnly: true, nowMs: 2_004 })).items.map((one) => one.id)).toEqual([id(5)]);
      expect([
        await kept.count('open', 0),
        await kept.count('open', 0, 1),
        await kept.count('open', 2_003),
      ]).toEqual([3, 2, 2]);
      expect(await kept.forget(2_004)).toEqual([id(3), id(4)]);
      expect([await kept.forget(5_000), await kept.byId(id(2))]).toEqual([[id(5)], undefined]);
      expect((await kept.byId(id(1)))?.state).toBe('answered');
    });
  });

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
    const words = (count: number) => [...Array(count).fill('ship'), 'none'].join(' ');
    expect(await titles({ text: words(7) }), 'eight words are looked for').toEqual([]);
    expect(await titles({ text: words(8) }), 'and no ninth').toHaveLength(2);
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

  it('tells of a recipient which rows are open, the oldest first, and which manifest it receipted last', async () => {
    const { store } = under();
    const [one, two] = [sampleRecord(1), sampleRecord(2)];
    await insert(store, one, two);
    const row = (recipient: string, { headerDigest }: NewRecord) => ({
      recipient,
      lane: 1 as const,
      action: ItemAction.ITEM_ACTION_RECORD,
      headerDigest,
      facets: [],
      audience: { deskGroups: [], purposes: [] },
      facetAudiences: [],
      basis: '',
    });
    await store.write(async (tx) => {
      await tx.outbox.add([row('XB', one), row('XC', one), row('XB', two), row('XB', one)], 100);
      const [first, second] = await tx.outbox.openTo('XB', 9);
      await tx.outbox.markSent([first?.id ?? 0, second?.id ?? 0], 1, 1n);
      await tx.outbox.close([{ id: first?.id ?? 0, state: 'receipted', receiptDigest: bytes(9) }], 200);
    });
    const open = (limit: number) => store.read((tx) => tx.outbox.openTo('XB', limit));
    expect((await open(9)).map(({ state, headerDigest }) => [state, hex(headerDigest)])).toEqual([
      ['sent', hex(two.headerDigest)],
      ['waiting', hex(one.headerDigest)],
    ]);
    expect(await open(1)).toHaveLength(1);

    const lane = { recipient: 'XB', lane: 1 } as const;
    const last = (incarnation: number) => store.read((tx) => tx.links.lastReceipted(lane, incarnation));
    expect(await last(1)).toBeUndefined();
    await store.write(async (tx) => {
      for (const [seq, contentKind] of [
        [1n, 'content'],
        [2n, 'content'],
        [3n, 'receipts'],
        [4n, 'content'],
      ] as const)
        await tx.links.addManifest({
          ...lane,
          incarnation: 1,
          seq,
          digest: bytes(Number(seq)),
          body: bytes(1, 4),
          signature: bytes(2, 4),
          contentKind,
          state: 'open',
          attempts: 1,
          nextAttemptAt: 0,
        });
      for (const seq of [1n, 2n, 3n])
        await tx.links.closeManifest({ ...lane, incarnation: 1, seq }, 500 + Number(seq));
    });
    expect(await last(1)).toEqual({ seq: 2n, closedAt: 502 });
    expect(await last(2)).toBeUndefined();
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

  it('finds questions by what they ask about, those open the one due first in front, and answers by their question', async () => {
    const { store } = under();
    const [target, first, second, reply] = [1, 2, 3, 4].map((number) => sampleRecord(number)) as [
      NewRecord,
      NewRecord,
      NewRecord,
      NewRecord,
    ];
    const late = sampleRecord(5, { origin: 'partner', originator: 'XB' });
    await insert(store, target, first, second, reply, late);
    const due = (record: NewRecord, at: number) => ({
      headerDigest: record.headerDigest,
      target: target.headerDigest,
      due: at,
    });
    await store.write(async (tx) => {
      // An answer may be noted before its question: a store that lost its end gets both back in any order.
      const answer = { headerDigest: late.headerDigest, tasking: second.headerDigest, closes: false };
      for (let twice = 0; twice < 2; twice += 1) await tx.taskings.noteAnswer(answer);
      for (let twice = 0; twice < 2; twice += 1) await tx.taskings.noteTasking(due(first, 9_000));
      await tx.taskings.noteTasking(due(second, 8_000));
    });
    const read = () =>
      store.read(async (tx) => ({
        about: (await tx.taskings.about(target.headerDigest)).map((one) => one.due),
        open: (await tx.taskings.open(10)).map((one) => one.due),
        answers: (await tx.taskings.answersTo(second.headerDigest)).map((one) => one.closes),
        answered: (await tx.taskings.answered(10)).map((one) => hex(one.tasking)),
      }));
    const partners = [hex(second.headerDigest)];
    expect(await read()).toEqual({
      about: [8_000, 9_000],
      open: [8_000, 9_000],
      answers: [false],
      answered: partners,
    });
    await store.write((tx) =>
      tx.taskings.noteAnswer({
        headerDigest: reply.headerDigest,
        tasking: second.headerDigest,
        closes: true,
      }),
    );
    // The answer of this node itself is none that it has to read.
    expect(await read()).toEqual({
      about: [8_000, 9_000],
      open: [9_000],
      answers: [true, false],
      answered: partners,
    });
    expect(await store.read((tx) => tx.taskings.open(0))).toEqual([]);
    const [newest] = await store.read((tx) => tx.taskings.answered(1));
    expect(await store.read((tx) => tx.taskings.answered(10, newest?.position))).toEqual([]);
    expect(await store.read((tx) => tx.taskings.answered(10, (newest?.position ?? 0n) + 1n))).toEqual([
      newest,
    ]);
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

  it('ends the sessions of an account that were opened first, and drops its ways in, and nobody else’s', async () => {
    const { store } = under();
    const account = (id: string) => ({
      id,
      identity: id,
      name: id,
      agency: 'A',
      deskGroup: 2,
      role: 'officer',
      state: 'active' as const,
      password: 'kept',
      totp: bytes(1),
      totpStep: 7,
      failures: 0,
      lockedUntil: 0,
      locale: '',
      createdAt: 1,
      createdBy: 'node',
    });
    const ended = await store.write(async (tx) => {
      for (const id of ['aa', 'bb']) {
        await tx.accounts.add(account(id));
        const passkey = { account: id, publicKey: bytes(2), counter: 0, transports: [], label: '' };
        await tx.accounts.addPasskey({ ...passkey, credential: Buffer.from(id), createdAt: 1 });
        for (const at of [3, 1, 2]) {
          const session = { account: id, method: 'password' as const, createdAt: at, seenAt: at };
          await tx.accounts.openSession({
            ...session,
            token: Buffer.from(`${id}${at}`),
            validUntil: 99,
          });
        }
      }
      await tx.accounts.dropCredentials('aa');
      return tx.accounts.endOldestSessions('aa', 1);
    });
    expect(ended.map((token) => Buffer.from(token).toString())).toEqual(['aa2', 'aa1']);
    await store.read(async (tx) => {
      const left = await Promise.all(
        ['aa1', 'aa2', 'aa3', 'bb1'].map((token) => tx.accounts.session(Buffer.from(token))),
      );
      expect(left.map((session) => session?.createdAt)).toEqual([undefined, undefined, 3, 1]);
      const { password: _password, totp: _totp, totpStep: _step, ...bare } = account('aa');
      expect(await tx.accounts.byId('aa')).toEqual(bare);
      expect(await tx.accounts.byId('bb')).toMatchObject({ password: 'kept', totpStep: 7 });
      expect(await tx.accounts.passkeysOf('aa')).toEqual([]);
      expect(await tx.accounts.passkeysOf('bb')).toHaveLength(1);
    });
  });

  it('keeps one invitation an account, the newest', async () => {
    const { store } = under();
    const { id } = await store.write(async (tx) => {
      const made = {
        ...{ id: 'cc', identity: 'cc', name: 'cc', agency: 'A', deskGroup: 2, role: 'officer' },
        ...{
          state: 'invited' as const,
          failures: 0,
          lockedUntil: 0,
          locale: '',
          createdAt: 1,
          createdBy: 'node',
        },
      };
      await tx.accounts.add(made);
      await tx.accounts.invite(bytes(1), { account: made.id, expiresAt: 9 });
      await tx.accounts.invite(bytes(2), { account: made.id, expiresAt: 10 });
      return made;
    });
    const found = (token: Uint8Array) => store.read((tx) => tx.accounts.invitation(token));
    expect(await found(bytes(1))).toBeUndefined();
    expect(await found(bytes(2))).toEqual({ account: id, expiresAt: 10 });
    const spend = () => store.write((tx) => tx.accounts.spendInvitation(bytes(2), 5));
    expect([await spend(), await spend()]).toEqual([true, false]);
  });

  it('names and removes passkeys of their own account alone', async () => {
    const { store } = under();
    await addAccounts(store, 'a', 'b');
    const passkey = (fill: number, account: string) => ({
      credential: bytes(fill),
      account,
      publicKey: bytes(9),
      counter: 0,
      transports: ['internal'],
      label: 'Key',
      createdAt: fill,
    });
    await store.write(async (tx) => {
      await tx.accounts.addPasskey(passkey(1, 'a'));
      await tx.accounts.addPasskey(passkey(2, 'b'));
    });
    const change = (account: string, fill: number) =>
      store.write((tx) => tx.accounts.renamePasskey(account, bytes(fill), 'Office'));
    expect([await change('a', 1), await change('a', 2), await change('a', 3)]).toEqual([true, false, false]);
    const labels = async (account: string) =>
      (await store.read((tx) => tx.accounts.passkeysOf(account))).map(({ label }) => label);
    expect([await labels('a'), await labels('b')]).toEqual([['Office'], ['Key']]);
    expect(await store.write((tx) => tx.accounts.removePasskey('a', bytes(2)))).toBe(false);
    expect(await store.write((tx) => tx.accounts.removePasskey('a', bytes(1)))).toBe(true);
    expect([await labels('a'), await labels('b')]).toEqual([[], ['Key']]);
  });

  it('lists sessions of an account, the last used first, and ends all but one', async () => {
    const { store } = under();
    await addAccounts(store, 'a', 'b');
    const session = (fill: number, account: string, seenAt: number) => ({
      token: bytes(fill),
      account,
      method: 'passkey' as const,
      createdAt: fill,
      seenAt,
      validUntil: 1_000,
    });
    const all = [session(1, 'a', 10), session(2, 'a', 30), session(3, 'a', 20), session(4, 'b', 40)];
    await store.write(async (tx) => {
      for (const one of all) await tx.accounts.openSession(one);
    });
    const seen = async (account: string) =>
      (await store.read((tx) => tx.accounts.sessionsOf(account))).map(({ createdAt }) => createdAt);
    expect([await seen('a'), await seen('b'), await seen('c')]).toEqual([[2, 3, 1], [4], []]);
    expect(await store.write((tx) => tx.accounts.endSessions('a', bytes(3)))).toBe(2);
    expect([await seen('a'), await seen('b')]).toEqual([[3], [4]]);
  });

  it('keeps questions with what they met until their time is over, and says in which order records changed', async () => {
    const { store } = under();
    const record = sampleRecord(1);
    await store.write((tx) => tx.records.insert([{ record, facets: [] }]));
    await store.write((tx) => tx.records.setState(record.headerDigest, 'recalled'));
    const changes = await store.read((tx) => tx.recordChanges.after(0n, 10));
    expect(changes.map(({ headerDigest }) => [...headerDigest])).toEqual([
      [...record.headerDigest],
      [...record.headerDigest],
    ]);
    const newest = changes.at(-1)?.number ?? 0n;
    await store.write((tx) => tx.recordChanges.forget(newest));
    expect(await store.read((tx) => tx.recordChanges.newest())).toBe(newest);

    const screening = (id: string, more: object = {}) => ({
      id,
      at: 10,
      officer: 'o',
      deskGroup: 1,
      purpose: 0,
      exercise: false,
      query: bytes(1),
      queryKey: bytes(2),
      reference: '',
      lists: bytes(3),
      outcome: 1,
      hits: 0,
      ...more,
    });
    const hit = {
      number: 1,
      headerDigest: record.headerDigest,
      originator: record.originator,
      recordId: record.recordId,
      facet: 'persons',
      facetDigest: bytes(4),
      told: bytes(5),
      alerts: true,
    };
    await store.write(async (tx) => {
      await tx.screenings.keepLists(bytes(3), bytes(6));
      await tx.screenings.add([
        { screening: screening('a'), hits: [] },
        { screening: screening('b', { outcome: 2, hits: 1 }), hits: [hit] },
        { screening: screening('c', { keptUntil: 1_000 }), hits: [] },
      ]);
    });
    const listed = async () =>
      (await store.read((tx) => tx.screenings.list({ exercise: false, deskGroup: 1 }))).items.map(
        ({ id }) => id,
      );
    expect(await listed()).toEqual(['c', 'b', 'a']);
    const [kept] = await store.read((tx) => tx.screenings.kept(20, 0n, 10));
    expect(kept?.id).toBe('c');
    const { number: _, ...later } = hit;
    const number = kept?.number ?? 0n;
    expect(await store.write((tx) => tx.screenings.addHit(number, later, 2))).toBe(1);
    expect(await store.write((tx) => tx.screenings.addHit(number, later, 2))).toBeUndefined();
    const alert = { id: 'x', at: 30, type: 1, deskGroup: 1, exercise: false, screening: number, hit: 1 };
    expect(await store.write((tx) => tx.screenings.addAlert(alert))).toBe(true);
    expect(await store.write((tx) => tx.screenings.addAlert({ ...alert, id: 'y' }))).toBe(false);
    const standing = await store.read((tx) => tx.screenings.standingOn(record.originator, record.recordId));
    expect(standing.map(({ told }) => [...told])).toEqual([[...bytes(5)], [...bytes(5)]]);
    await store.write((tx) => tx.screenings.purge({ noHitBefore: 10, before: 0, nowMs: 20, limit: 10 }));
    expect(await listed()).toEqual(['c', 'b']);
    await store.write((tx) => tx.screenings.purge({ noHitBefore: 10, before: 10, nowMs: 20, limit: 10 }));
    expect(await listed()).toEqual([]);
    expect(await store.read((tx) => tx.screenings.lists(bytes(3)))).toBeUndefined();
    expect(await store.read((tx) => tx.screenings.alert('x'))).toBeUndefined();
  });
}

const addAccounts = (store: Store, ...ids: readonly string[]) =>
  store.write(async (tx) => {
    for (const id of ids)
      await tx.accounts.add({
        id,
        identity: id.repeat(64),
        name: `Officer ${id}`,
        agency: 'Agency',
        deskGroup: 2,
        role: 'officer',
        state: 'active',
        failures: 0,
        lockedUntil: 0,
        locale: '',
        createdAt: 1,
        createdBy: 'node',
      });
  });
