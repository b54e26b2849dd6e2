/** Oversight of this node: what auditors ask of its store, and the report that they take away. Nothing here changes anything. */
import type { Clock } from '../../base/clock.ts';
import type { World } from '../../record/index.ts';
import type { ReadTx, Store, StoredOpening, UnreceiptedRecall } from '../../store/index.ts';
import { type OfficerActivity, officerActivity } from './activity.ts';
import { listOverdue, type OverdueList } from './overdue.ts';
import { type ReportSigner, signReport } from './report.ts';
import { type Sample, type SampleQuery, sampleDisclosures } from './sample.ts';

/** Entries that one list shows at most. */
export const OVERSIGHT_ENTRIES = 500;
/** Disclosures that one sample holds at most. */
export const SAMPLE_MOST = 100;

export interface OversightDeps {
  readonly store: Pick<Store, 'read'>;
  readonly clock: Clock;
  readonly self: { readonly node: string; readonly network: Uint8Array };
  readonly signer: ReportSigner;
}

export interface Oversight {
  overdue(world: World): Promise<OverdueList>;
  recalls(world: World): Promise<{ readonly items: readonly UnreceiptedRecall[]; readonly more: boolean }>;
  sample(query: SampleQuery): Promise<Sample>;
  activity(world: World, from: number, until: number): Promise<OfficerActivity>;
  /** Lines of the signed report over a period, each with its line feed, all of one state of the store. */
  report(query: SampleQuery): Promise<readonly string[]>;
}

export function createOversight({ store, clock, self, signer }: OversightDeps): Oversight {
  return {
    overdue: (world) => store.read((tx) => listOverdue(tx, world, clock.nowMs(), OVERSIGHT_ENTRIES)),
    recalls: (world) => store.read((tx) => unreceipted(tx, world)),
    sample: (query) => store.read((tx) => sampleDisclosures(tx, self, query)),
    activity: (world, from, until) =>
      store.read((tx) => officerActivity(tx, world, from, until, OVERSIGHT_ENTRIES)),
    report: (query) =>
      store.read(async (tx) => {
        const { world, from, until } = query;
        const at = clock.nowMs();
        return signReport(tx, signer, {
          ...self,
          exercise: world === 'exercise',
          from,
          until,
          at,
          sample: await sampleDisclosures(tx, self, query),
          overdue: await listOverdue(tx, world, at, OVERSIGHT_ENTRIES),
          recalls: await unreceipted(tx, world),
          openings: await openingsOf(tx, world, from, until),
          activity: await officerActivity(tx, world, from, until, OVERSIGHT_ENTRIES),
          head: await tx.audit.head(),
        });
      }),
  };
}

async function unreceipted(tx: ReadTx, world: World) {
  const found = await tx.oversight.unreceiptedRecalls(world, OVERSIGHT_ENTRIES + 1);
  return { items: found.slice(0, OVERSIGHT_ENTRIES), more: found.length > OVERSIGHT_ENTRIES };
}

/** Every opening of the period, newest first. */
async function openingsOf(tx: ReadTx, world: World, from: number, until: number) {
  const found: StoredOpening[] = [];
  let cursor: string | undefined;
  do {
    const page = await tx.breakGlass.list({
      exercise: world === 'exercise',
      ...(cursor !== undefined && { cursor }),
    });
    found.push(...page.items.filter(({ openedAt }) => openedAt >= from && openedAt < until));
    cursor = page.next;
  } while (cursor !== undefined && found.length <= OVERSIGHT_ENTRIES);
  return { items: found.slice(0, OVERSIGHT_ENTRIES), more: found.length > OVERSIGHT_ENTRIES };
}
