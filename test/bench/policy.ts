/** Fan-out of one record to 200 partners of six kinds, against asking for each of them as if there were no other. */
import { Member, MemberStatus } from '../../src/gen/tocsin/record/v1/identity.ts';
import {
  baselinePolicy,
  createPolicyEngine,
  type PolicyEngine,
  type PolicyRoster,
  type SharedRecord,
} from '../../src/policy/index.ts';
import { sha256 } from '../../src/record/index.ts';
import { TEST_NOW_MS } from '../support/authority.ts';
import { fourFacets } from './contents.ts';
import { KINDS_OF_MEMBER } from './members.ts';
import { type Bench, seconds } from './runner.ts';

const PARTNERS = 200;
function roster(): PolicyRoster {
  const members = Array.from({ length: PARTNERS + 1 }, (_, index) =>
    Member.fromPartial({
      ...KINDS_OF_MEMBER[index % KINDS_OF_MEMBER.length],
      node: index === 0 ? 'XA' : `P${String(index).padStart(3, '0')}`,
      status: MemberStatus.MEMBER_STATUS_ACTIVE,
      country: 'XB',
    }),
  );
  const byNode = new Map(members.map((one) => [one.node, one]));
  return { digest: sha256(new Uint8Array(1)), roster: { members }, member: (node) => byNode.get(node) };
}

export const policyBench: Bench = {
  name: 'policy',
  async open() {
    const members = roster();
    const national = '';
    const engine = (): PolicyEngine =>
      createPolicyEngine({ baseline: baselinePolicy(), national, self: 'XA', roster: members });
    const nodes = members.roster.members.map(({ node }) => node).filter((node) => node !== 'XA');
    const made = fourFacets(1, TEST_NOW_MS, { originator: 'XA' });
    const [one] = made;
    if (!one) throw new Error('expected a record');
    // A record that no engine has seen: what was read of one is remembered with the object.
    const record = (): SharedRecord => ({ ...one });
    const facts: Record<string, number> = {};
    /** Inputs that differ: those of one partner of each kind, each asked of an engine that has answered nothing. */
    const distinct = nodes.slice(0, KINDS_OF_MEMBER.length).reduce((sum, node) => {
      const fresh = engine();
      fresh.viewFor(record(), node, TEST_NOW_MS);
      return sum + fresh.counts.evaluations;
    }, 0);
    const cold = async () => {
      const fresh = engine();
      const views = await seconds(() => fresh.preview(record(), TEST_NOW_MS));
      facts['evaluations cold'] = fresh.counts.evaluations;
      facts['evaluations per distinct input'] = fresh.counts.evaluations / distinct;
      facts['views computed cold'] = fresh.counts.views;
      return [views * 1000];
    };
    const used = engine();
    const warm = async () => {
      const before = used.counts.evaluations;
      const views = await seconds(() => used.preview(record(), TEST_NOW_MS));
      facts['evaluations of the last warm one'] = used.counts.evaluations - before;
      return [views * 1000];
    };
    const separate = async () => {
      let spent = 0;
      let evaluations = 0;
      for (const node of nodes) {
        const fresh = engine();
        spent += await seconds(() => fresh.viewFor(record(), node, TEST_NOW_MS));
        evaluations += fresh.counts.evaluations;
      }
      facts['evaluations separately'] = evaluations;
      return [spent * 1000];
    };
    const name = `${PARTNERS} separate cold views`;
    return [
      {
        id: 'cold',
        what: `one record to ${PARTNERS} partners of 6 kinds, cold`,
        unit: 'ms',
        ours: cold,
        against: [{ name, measure: separate }],
        facts: () => facts,
      },
      {
        id: 'warm',
        what: `one record to ${PARTNERS} partners of 6 kinds, warm`,
        unit: 'ms',
        ours: warm,
        against: [{ name: 'the same, cold', measure: cold }],
      },
    ];
  },
};
