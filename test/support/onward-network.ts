/** A network in memory where XA gives to the hub HR, and HR may pass on to XB only with XA's consent; officers at each. */

import { systemRandom } from '../../src/base/clock.ts';
import { MemberRole } from '../../src/gen/tocsin/record/v1/identity.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import {
  type BreakGlassDesk,
  type ConsentTerms,
  createBreakGlass,
  createLifecycle,
  createOnward,
  createTaskings,
  type Lifecycle,
  type LifecycleDeps,
  type Officer,
  type Onward,
  type Taskings,
} from '../../src/lifecycle/index.ts';
import type { PartnerView } from '../../src/policy/index.ts';
import { exampleContent, type Json } from './contents.ts';
import type { TestNetwork, TestNode } from './exchange-network.ts';

export const HUB_NODES = [
  { node: 'XA', groups: ['adequate', 'sac'] },
  {
    node: 'HR',
    role: MemberRole.MEMBER_ROLE_HUB,
    groups: ['adequate', 'sac'],
    country: '',
    deskGroups: [DeskGroup.DESK_GROUP_HUB],
  },
  { node: 'XB', groups: ['adequate', 'suppliers'] },
];

export const DRAFTER: Officer = { fingerprint: 'd1', name: 'Dora', deskGroup: DeskGroup.DESK_GROUP_CUSTOMS };
export const RELEASER: Officer = { fingerprint: 'r1', name: 'Rui', deskGroup: DeskGroup.DESK_GROUP_CUSTOMS };
export const ANALYST: Officer = { fingerprint: 'a1', name: 'Ada', deskGroup: DeskGroup.DESK_GROUP_HUB };

/** A seizure that the hub may analyse, and pass on with consent only. */
export const seizureFor = (nowMs: number, marking: { readonly [key: string]: Json } = {}): unknown => ({
  ...(exampleContent('seizure-notice', nowMs) as object),
  deskGroup: 'customs',
  marking: {
    releasableTo: ['sac'],
    purposes: ['customs-control', 'investigation', 'threat-analysis'],
    onward: 'consent',
    ...marking,
  },
});

/** Life cycle and passing on of one node, by officers. */
export class OnwardNode {
  readonly node: TestNode;
  readonly lifecycle: Lifecycle;
  readonly onward: Onward;
  readonly breakGlass: BreakGlassDesk;
  readonly taskings: Taskings;

  constructor(network: TestNetwork, id: string) {
    const node = network.of(id);
    this.node = node;
    const self = {
      node: id,
      network: network.federation.network,
      logOrigin: (world: 'live' | 'exercise') => node.ledger.origins[world],
    };
    const shared = { store: node.store, clock: node.clock, self };
    const stating: LifecycleDeps<PartnerView> = {
      ...shared,
      policy: () => node.policy,
      ledger: node.ledger,
      exchange: node.exchange,
      random: systemRandom,
    };
    this.lifecycle = createLifecycle(stating);
    this.breakGlass = createBreakGlass(stating);
    this.taskings = createTaskings({ ...shared, exchange: node.exchange });
    this.onward = createOnward({
      ...shared,
      policy: () => node.policy,
      exchange: node.exchange,
      lifecycle: this.lifecycle,
    });
  }

  /** Drafts, submits and releases with two officers; the header digest. */
  async release(content: unknown): Promise<Uint8Array> {
    const { draft } = await this.lifecycle.create({ officer: DRAFTER, content });
    await this.lifecycle.submit({ officer: DRAFTER, draftId: draft.id });
    return (await this.lifecycle.release({ officer: RELEASER, draftId: draft.id })).record.headerDigest;
  }

  /** A consent by two officers; the header digest. */
  async consent(terms: Partial<ConsentTerms> & Pick<ConsentTerms, 'headerDigest'>): Promise<Uint8Array> {
    const draft = await this.onward.draftConsent({
      officer: DRAFTER,
      facets: ['summary', 'items'],
      to: ['XB'],
      conditions: [],
      expiresMs: this.node.clock.nowMs() + 30 * 86_400_000,
      evidence: false,
      ...terms,
    });
    return (await this.lifecycle.release({ officer: RELEASER, draftId: draft.id })).record.headerDigest;
  }

  /** Names of the facets held of a record; undefined where it is not held. */
  async held(headerDigest: Uint8Array): Promise<readonly string[] | undefined> {
    return this.node.store.read(async (tx) =>
      (await tx.records.byDigest(headerDigest)) === undefined
        ? undefined
        : (await tx.records.facets(headerDigest)).map(({ facet }) => facet),
    );
  }
}
