/** T18: whatever the order in which a record, its later facets, a copy by another and its recall arrive, the end is the same. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import type { JudgedItem } from '../../../src/exchange/items.ts';
import type { ItemResult } from '../../../src/exchange/receipts.ts';
import { Shelf } from '../../../src/exchange/shelf.ts';
import { takeItem } from '../../../src/exchange/take-item.ts';
import type { TakeWork } from '../../../src/exchange/take-work.ts';
import { ItemAction, ManifestItem } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet } from '../../../src/gen/tocsin/record/v1/header.ts';
import { Marking } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { Recall, RecallReason, RecallScope } from '../../../src/gen/tocsin/record/v1/recall.ts';
import { type AssembledRecord, assembleRecord, contentFromJson, kindOf } from '../../../src/record/index.ts';
import { EXAMPLE_NOW_MS, exampleContent } from '../../support/contents.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const NETWORK = new Uint8Array(32).fill(0x11);
const LOG = 'tocsin/1111111111111111/XA/log/live/1';

let temporary: TemporaryStore;
beforeAll(async () => {
  temporary = await temporaryStore();
});
afterAll(() => temporary[Symbol.asyncDispose]());

const assembled = (kind: string, facets?: Record<string, Uint8Array>): AssembledRecord => {
  const given = facets ? undefined : exampleContent(kind);
  const { content } = given
    ? contentFromJson(given, { deskGroup: 2, nowMs: EXAMPLE_NOW_MS })
    : { content: undefined };
  const row = kindOf(kind);
  if (!row) throw new Error(`no kind ${kind}`);
  return assembleRecord({
    network: NETWORK,
    logOrigin: LOG,
    originator: 'XA',
    recordId: systemRandom.bytes(16),
    revision: 1,
    content: content ?? {
      kind,
      deskGroup: 9,
      priority: row.defaultPriority,
      marking: Marking.fromPartial({ ...row.defaultMarking(), releasableTo: ['sac'] }),
      expires: EXAMPLE_NOW_MS + 86_400_000,
      reviewBy: EXAMPLE_NOW_MS + 86_400_000,
      facets: facets ?? {},
    },
    released: Math.floor(EXAMPLE_NOW_MS / 60_000) * 60_000,
    salt: () => systemRandom.bytes(32),
  });
};

const recallOf = (target: AssembledRecord, facets: readonly string[]): AssembledRecord =>
  assembled('recall', {
    recall: Recall.encode(
      Recall.fromPartial({
        target: Buffer.from(target.signed.digest),
        recordId: target.signed.header.recordId,
        scope: facets.length === 0 ? RecallScope.RECALL_SCOPE_WHOLE : RecallScope.RECALL_SCOPE_FACETS,
        facets: [...facets],
        reason: RecallReason.RECALL_REASON_ERROR,
        mustPurge: true,
        deadline: BigInt(EXAMPLE_NOW_MS + 3_600_000),
      }),
    ).finish(),
  });

const lineOf = (action: ItemAction, record: AssembledRecord, facets: readonly DisclosedFacet[]) =>
  ManifestItem.fromPartial({
    action,
    headerDigest: Buffer.from(record.signed.digest),
    facets: facets.map(({ facet }) => facet),
  });

const recordItem = (record: AssembledRecord, names: readonly string[]): JudgedItem => {
  const facets = record.facets.filter(({ facet }) => names.includes(facet));
  return {
    kind: 'record',
    line: lineOf(ItemAction.ITEM_ACTION_RECORD, record, facets),
    signed: record.signed,
    facets,
    leafIndex: 0n,
    proof: [],
    checkpoint: { origin: LOG, size: 1n, root: new Uint8Array(32), note: new Uint8Array(1) },
    statementDigest: new Uint8Array(32),
  };
};

const facetsItem = (record: AssembledRecord, names: readonly string[]): JudgedItem => {
  const facets = record.facets.filter(({ facet }) => names.includes(facet));
  return {
    kind: 'facets',
    line: lineOf(ItemAction.ITEM_ACTION_FACETS, record, facets),
    signed: record.signed,
    facets,
  };
};

/** The items of one parcel; what they left for the end of its transaction. */
async function arriveTogether(items: readonly JudgedItem[], sender: string) {
  return temporary.store.write(async (tx) => {
    const shelf = await Shelf.open(
      tx,
      items.map(({ line }) => line.headerDigest),
      items.flatMap((item) => (item.kind === 'record' ? [item.signed] : [])),
    );
    const work: TakeWork = {
      tx,
      shelf,
      sender,
      self: 'XB',
      network: NETWORK,
      incarnation: 1,
      isBehind: false,
      atMs: EXAMPLE_NOW_MS,
      alarms: [],
      receipts: [],
      inbox: [],
      consents: [],
      taskings: [],
      disclosures: [],
      reports: [],
      purges: [],
      passedOn: [],
      tied: new Set(),
    };
    const results: ItemResult[] = [];
    for (const item of items) results.push(await takeItem(work, item));
    await shelf.flush();
    await tx.inbox.add(work.inbox);
    return { results, purges: work.purges.length };
  });
}

async function arrive(item: JudgedItem, sender: string) {
  const { results } = await arriveTogether([item], sender);
  return { result: results[0] };
}

const endOf = (record: AssembledRecord) =>
  temporary.store.read(async (tx) => {
    const held = await tx.records.byDigest(record.signed.digest);
    const facets = await tx.records.facets(record.signed.digest);
    return { state: held?.state, title: held?.title, facets: facets.map(({ facet }) => facet) };
  });

type Step = 'record' | 'facets' | 'copy' | 'recall' | 'recall again';
const STEPS: readonly Step[] = ['record', 'facets', 'copy', 'recall', 'recall again'];

/**
 * Everything arrives in this order, one parcel each, or with the one before where both are of one sender and `joined`; facets
 * without their header are offered again, as a sender does.
 */
async function play(order: readonly Step[], joined: readonly boolean[], recalled: readonly string[]) {
  const record = assembled('seizure-notice');
  const recall = recallOf(record, recalled);
  const items: Record<Step, () => [JudgedItem, string]> = {
    record: () => [recordItem(record, ['summary', 'items']), 'XA'],
    facets: () => [facetsItem(record, ['identifiers', 'persons']), 'XA'],
    copy: () => [recordItem(record, ['summary', 'route', 'persons']), 'HR'],
    recall: () => [recordItem(recall, ['recall']), 'XA'],
    'recall again': () => [recordItem(recall, ['recall']), 'HR'],
  };
  let answers = 0;
  const pending = [...order];
  for (let left = order.length * 3; pending.length > 0 && left > 0; left--) {
    const steps = pending.splice(0, 1);
    const [[, sender]] = steps.map((step) => items[step]()) as [[JudgedItem, string]];
    while (pending[0] && joined[steps.length] && items[pending[0]]()[1] === sender)
      steps.push(...pending.splice(0, 1));
    const { results, purges } = await arriveTogether(
      steps.map((step) => items[step]()[0]),
      sender,
    );
    answers += purges;
    for (const [at, { reason }] of results.entries())
      if (reason === Reason.REASON_HEADER_UNKNOWN) pending.push(steps[at] as Step);
  }
  return { ...(await endOf(record)), answers };
}

const orders = fc.shuffledSubarray([...STEPS], { minLength: STEPS.length });
const joins = fc.array(fc.boolean(), { minLength: STEPS.length, maxLength: STEPS.length });

describe('whatever the order of arrival', () => {
  test('a record recalled as a whole ends as a header without any facet, answered once', async () => {
    await fc.assert(
      fc.asyncProperty(orders, joins, async (order, joined) => {
        expect(await play(order, joined, [])).toEqual({
          state: 'recalled',
          title: 'seizure-notice',
          facets: [],
          answers: 1,
        });
      }),
      { numRuns: 60 },
    );
  });

  test('single recalled facets are gone and all others are there', async () => {
    const names = fc.uniqueArray(
      fc.constantFrom<string[]>('summary', 'items', 'identifiers', 'persons', 'route'),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    await fc.assert(
      fc.asyncProperty(orders, joins, names, async (order, joined, recalled) => {
        const end = await play(order, joined, recalled);
        const left = ['identifiers', 'items', 'persons', 'route', 'summary'].filter(
          (name) => !recalled.includes(name),
        );
        expect({ state: end.state, facets: end.facets, answers: end.answers }).toEqual({
          state: 'released',
          facets: left,
          answers: 1,
        });
        expect(end.title === 'seizure-notice').toBe(recalled.includes('summary'));
      }),
      { numRuns: 60 },
    );
  });

  test('a recall by another than the originator takes nothing', async () => {
    const record = assembled('seizure-notice');
    const foreign = recallOf(record, []);
    const signed = { ...foreign.signed, header: { ...foreign.signed.header, originator: 'XZ' } };
    const item = recordItem({ ...foreign, signed }, ['recall']);
    // Before the record it leaves a mark that nobody believes; after it, it is refused.
    expect((await arrive(item, 'XZ')).result?.result).toBe('accepted');
    await arrive(recordItem(record, ['summary']), 'XA');
    expect(await endOf(record)).toMatchObject({ state: 'released', facets: ['summary'] });
    const second = recallOf(record, []);
    const again = { ...second.signed, header: { ...second.signed.header, originator: 'XZ' } };
    const refused = await arrive(recordItem({ ...second, signed: again }, ['recall']), 'XZ');
    expect(refused.result).toMatchObject({ result: 'refused', reason: Reason.REASON_POLICY_DENIED });
    expect(hex(record.signed.digest)).toHaveLength(64);
  });
});
