/** The demo federation and its records, as the shipped scenario file has them, for tests of single rules. */
import type { DeskGroup, Purpose } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { baselinePolicy } from '../../../src/policy/baseline.cedar.ts';
import { createPolicyEngine, type PolicyEngine } from '../../../src/policy/create.ts';
import type { PolicyRoster } from '../../../src/policy/entities.ts';
import type { SharedRecord } from '../../../src/policy/facts.ts';
import { parseScenarios, type ScenarioRecord } from '../../../src/policy/scenario-format.ts';
import {
  buildRecord,
  deskNumber,
  purposeNumber,
  scenarioRoster,
} from '../../../src/policy/scenario-record.ts';
import { shippedScenarios } from '../../../src/policy/shipped-scenarios.ts';

const FILE = parseScenarios(shippedScenarios());
export const DAY_MS = 86_400_000;
/** The instant of all tests. */
export const AT = Date.parse(FILE.at);
export const ROSTER: PolicyRoster = scenarioRoster(FILE, AT);

export interface Changes extends Partial<Omit<ScenarioRecord, 'marking' | 'facets'>> {
  readonly marking?: ScenarioRecord['marking'];
  readonly facets?: ScenarioRecord['facets'];
}

/** A record of the scenario file, changed; validation faults do not matter here. */
export function recordNamed(name: string, changes: Changes = {}): SharedRecord {
  const base = FILE.records[name];
  if (base === undefined) throw new Error(`no record ${name}`);
  const built = buildRecord(
    {
      ...base,
      ...changes,
      marking: { ...base.marking, ...changes.marking },
      facets: changes.kind === undefined ? { ...base.facets, ...changes.facets } : (changes.facets ?? {}),
    },
    AT,
  );
  if (built.record === undefined) throw new Error(built.faults.map((fault) => fault.message).join());
  return built.record;
}

/** The record with another value in its marking that no scenario word names. */
export function withMarking(record: SharedRecord, changes: Readonly<Record<string, unknown>>): SharedRecord {
  const { header } = record.signed;
  const marking = { ...header.marking, ...changes } as NonNullable<typeof header.marking>;
  return { ...record, signed: { ...record.signed, header: { ...header, marking } } };
}

export interface EngineChanges {
  readonly self?: string;
  readonly baseline?: string;
  readonly national?: string;
  readonly roster?: PolicyRoster;
}

/** An engine over the demo federation, of XA unless said. */
export const engine = (changes: EngineChanges = {}): PolicyEngine =>
  createPolicyEngine({ baseline: baselinePolicy(), national: '', self: 'XA', roster: ROSTER, ...changes });

export const cell = (desk: string, purpose: string): { deskGroup: DeskGroup; purpose: Purpose } => ({
  deskGroup: deskNumber(desk),
  purpose: purposeNumber(purpose),
});

/** Names of the facets that are disclosed. */
export const seen = (view: {
  readonly receive: { readonly allowed: boolean };
  readonly facets: ReadonlyMap<string, { readonly allowed: boolean }>;
}): string[] =>
  view.receive.allowed
    ? [...view.facets].filter(([, decision]) => decision.allowed).map(([name]) => name)
    : [];

/** The roster with one member changed or added. */
export function rosterWith(...members: readonly Partial<ReturnType<PolicyRoster['member']>>[]): PolicyRoster {
  const all = new Map(ROSTER.roster.members.map((member) => [member.node, member]));
  for (const change of members) {
    const node = change?.node ?? '';
    const base = all.get(node) ?? ROSTER.member('XC');
    if (base !== undefined) all.set(node, { ...base, ...change, node });
  }
  return {
    digest: new Uint8Array([members.length]),
    roster: { members: [...all.values()] },
    member: (node) => all.get(node),
  };
}
