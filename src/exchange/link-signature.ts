/**
 * Whether a node signed with a link key that counts now: the newest that we hold, the one before while its overlap lasts, or
 * one that it has come to use since we last asked.
 */
import type { Verdict } from '../base/verdict.ts';
import { disbelieved } from '../base/verdict.ts';
import type { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { isInOverlap, judgeHybrid } from '../identity/index.ts';
import type { SignedType } from '../record/index.ts';
import type { Directory } from './directory.ts';
import type { PeerKeys } from './keys.ts';

export async function judgeLinkSignature(
  deps: {
    readonly directory: Directory;
    readonly keys: Pick<PeerKeys, 'refresh'>;
    readonly clock: { nowMs(): number };
  },
  node: string,
  type: SignedType,
  bytes: Uint8Array,
  signature: HybridSignature,
): Promise<Verdict<true, Reason>> {
  const first = await judgeByHeld(deps, node, type, bytes, signature);
  if (first.ok || first.reason === Reason.REASON_STATEMENT_UNKNOWN) return first;
  const before = deps.directory.statementOf(node);
  await deps.keys.refresh(node);
  return deps.directory.statementOf(node) === before
    ? first
    : judgeByHeld(deps, node, type, bytes, signature);
}

/** By the key statements that are held alone: nobody is asked for newer ones. */
export async function judgeByHeld(
  { directory, clock }: { readonly directory: Directory; readonly clock: { nowMs(): number } },
  node: string,
  type: SignedType,
  bytes: Uint8Array,
  signature: HybridSignature,
): Promise<Verdict<true, Reason>> {
  const newest = directory.statementOf(node);
  const key = newest?.statement.linkKey;
  if (!newest || !key)
    return disbelieved(Reason.REASON_STATEMENT_UNKNOWN, `no key statement of ${node} is held`);
  const verdict = judgeHybrid(type, bytes, signature, key);
  if (verdict.ok || newest.statement.revocations.length === 0) return verdict;
  const before = await directory.statementBy(newest.statement.predecessor);
  const old = before?.statement.linkKey;
  return old && isInOverlap(newest.statement, old, clock.nowMs())
    ? judgeHybrid(type, bytes, signature, old)
    : verdict;
}
