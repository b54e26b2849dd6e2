/**
 * A sample of the disclosures of a period, drawn by a seed: whoever knows it draws the same, and who chose it could not choose
 * the rows. The rows with the smallest SHA-256 of seed and number are taken, so that memory does not grow with the period.
 */
import { compareBytes, u64be, utf8 } from '../../base/bytes.ts';
import { KINDS, sha256, type World } from '../../record/index.ts';
import type { ReadTx } from '../../store/index.ts';
import { PoliciesOfTheDay } from './policy-of-the-day.ts';
import { type Replayed, replayDisclosure } from './replay.ts';

export interface SampleQuery {
  readonly world: World;
  /** Milliseconds; `until` exclusive. */
  readonly from: number;
  readonly until: number;
  readonly seed: string;
  readonly count: number;
}

export interface Sample {
  readonly seed: string;
  readonly from: number;
  readonly until: number;
  /** Disclosures of the period, of which these are a sample. */
  readonly population: number;
  /** In the order in which they were drawn. */
  readonly disclosures: readonly Replayed[];
}

const LABEL = 'tocsin/sample/v1\n';
const PAGE = 2_000;
/** What the node states about the exchange goes to whom it is about, by no policy. */
const CONTROL_KINDS = [...KINDS.values()].filter(({ control }) => control).map(({ code }) => code);

export async function sampleDisclosures(
  tx: ReadTx,
  self: { readonly node: string; readonly network: Uint8Array },
  { world, from, until, seed, count }: SampleQuery,
): Promise<Sample> {
  const prefix = utf8(`${LABEL}${seed}\n`);
  let drawn: { readonly id: number; readonly rank: Uint8Array }[] = [];
  let population = 0;
  let after = 0;
  for (;;) {
    const rows = await tx.oversight.disclosures({
      world,
      from,
      until,
      without: CONTROL_KINDS,
      after,
      limit: PAGE,
    });
    population += rows.length;
    drawn = [...drawn, ...rows.map(({ id }) => ({ id, rank: sha256(prefix, u64be(BigInt(id))) }))]
      .sort((a, b) => compareBytes(a.rank, b.rank))
      .slice(0, count);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) break;
    after = last.id;
  }
  const policies = new PoliciesOfTheDay(self);
  const disclosures: Replayed[] = [];
  for (const { id } of drawn) {
    const row = await tx.outbox.byId(id);
    if (row !== undefined) disclosures.push(await replayDisclosure(tx, self, policies, row));
  }
  return { seed, from, until, population, disclosures };
}
