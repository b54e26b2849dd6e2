/** Past hits as one reader may see them: of an entry that he may not meet, or no longer may, nothing but its digest and originator. */
import { hex } from '../../base/bytes.ts';
import { deskFacts } from '../../policy/index.ts';
import type { ReadTx, StoredHit } from '../../store/index.ts';
import type { ScreeningDeps } from './context.ts';
import { holdMany } from './held.ts';
import { mayScreen, type Searcher } from './viewer.ts';

const NOTHING = new Uint8Array();

/** Undefined as the searcher = nobody who may meet anything, as an auditor. */
export async function shownHits(
  tx: ReadTx,
  deps: ScreeningDeps,
  searcher: Searcher | undefined,
  hits: readonly StoredHit[],
): Promise<readonly StoredHit[]> {
  const told = hits.filter((hit) => hit.told.length > 0);
  if (searcher === undefined || told.length === 0) return hits.map((hit) => ({ ...hit, told: NOTHING }));
  const nowMs = deps.clock.nowMs();
  const records = await tx.records.byDigests(told.map(({ headerDigest }) => headerDigest));
  const held = new Map(
    (await holdMany(tx, deps.network, records)).map((one) => [hex(one.record.headerDigest), one]),
  );
  const shown: StoredHit[] = [];
  for (const hit of hits) {
    const one = held.get(hex(hit.headerDigest));
    const facts = one && deskFacts(one);
    const may =
      one !== undefined &&
      facts !== undefined &&
      !(facts.refer && one.items !== undefined) &&
      mayScreen(
        deps.policy(),
        searcher,
        one,
        [hit.facet],
        nowMs,
        !facts.conditional || (await deps.isConditionAccepted(tx, hit.headerDigest, searcher.deskGroup)),
      );
    shown.push(may ? hit : { ...hit, told: NOTHING });
  }
  return shown;
}
