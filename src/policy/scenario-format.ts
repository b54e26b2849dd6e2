/**
 * Scenario files: a federation, records, and what each partner is expected to see. For people to write and read, so
 * words are those of policies, times are days from one instant, and what is left out takes the kind's defaults.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import { PolicyError } from './errors.ts';

/** Larger files are refused before they are parsed. */
const MAX_SCENARIO_LENGTH = 1024 * 1024;

const name = z.string().min(1).max(200);
const node = z.string().regex(/^[A-Z][A-Z0-9]{1,11}$/, 'expected a node id as XA');
const words = z.array(name).max(64);
const days = z.number().int().min(0).max(36_500);

const member = z.strictObject({
  node,
  name,
  country: z
    .string()
    .regex(/^([A-Z]{2})?$/)
    .default(''),
  role: z.enum(['national', 'hub', 'hotline', 'observer']),
  groups: words.default([]),
  desks: words.default([]),
  status: z.enum(['active', 'suspended', 'expelled']).default('active'),
  /** Days after the file's instant at which the status takes effect. */
  statusFrom: days.optional(),
});

const marking = z.strictObject({
  tlp: name.optional(),
  handling: words.optional(),
  releasableTo: words.optional(),
  purposes: words.optional(),
  onward: name.optional(),
  evidence: name.optional(),
  status: name.optional(),
  notBefore: days.optional(),
  alsoFacets: words.optional(),
  condition: z.string().optional(),
});

const record = z.strictObject({
  originator: node,
  desk: name,
  kind: name,
  marking: marking.default({}),
  expires: days.optional(),
  reviewBy: days.optional(),
  facets: z.record(z.string(), z.unknown()).default({}),
});

const consent = z.strictObject({ facets: words, to: z.array(node), expires: days });

/** Facet → rule that withholds it. */
const rules = z.record(z.string(), name);

const sharing = z.strictObject({
  to: node,
  /** The forwarding node; absent = the originator sends. */
  by: node.optional(),
  consent: consent.optional(),
  /** Both absent = the node as a whole. */
  desk: name.optional(),
  purpose: name.optional(),
  /** Exactly these facets; the others are withheld. */
  sees: words.optional(),
  /** Rules that withhold facets. */
  not: rules.optional(),
  /** The rule by which the partner learns nothing at all. */
  nothing: name.optional(),
  /** Facets held back until the condition is accepted. */
  held: z.boolean().optional(),
});

const arrival = z.strictObject({
  at: node,
  from: node,
  discloses: words,
  consent: consent.optional(),
  /** `accepted`, or the reason without its prefix: `THIRD_PARTY_BREACH`. */
  verdict: name,
});

const desk = z.strictObject({
  at: node,
  desk: name,
  role: name,
  purpose: name.optional(),
  does: name,
  facet: name.optional(),
  conditionAccepted: z.boolean().default(false),
  evidenceConsent: z.boolean().default(false),
  /** The officer opened the facet in an emergency (R17). */
  opened: z.boolean().default(false),
  exercise: z.boolean().default(false),
  /** `allowed`, or the rule that refuses. */
  verdict: name,
});

const scenario = z.strictObject({
  name,
  /** Number in the list of scenarios of the domain page, where it has one. */
  number: z.number().int().optional(),
  /** Name of a record of the file. */
  record: name,
  /** Laid over the record's own marking. */
  marking: marking.default({}),
  /** Replace facets of the record. */
  facets: z.record(z.string(), z.unknown()).default({}),
  /** The originator's national policy; absent = the one that the run is given. */
  national: z.string().optional(),
  /** Days after the file's instant. */
  after: days.default(0),
  /** The content is refused before it becomes a record, by this rule. */
  rejected: name.optional(),
  sharing: z.array(sharing).default([]),
  arrivals: z.array(arrival).default([]),
  desk: z.array(desk).default([]),
});

const file = z.strictObject({
  format: z.literal('tocsin-scenarios/1'),
  at: z.iso.datetime(),
  members: z.array(member).min(2).max(100),
  records: z.record(z.string(), record),
  scenarios: z.array(scenario).min(1).max(1000),
});

export type ScenarioFile = z.infer<typeof file>;
export type Scenario = z.infer<typeof scenario>;
export type ScenarioRecord = z.infer<typeof record>;
export type ScenarioMember = z.infer<typeof member>;
export type ScenarioConsent = z.infer<typeof consent>;

/** Throws PolicyError `SCENARIO_INVALID` with every fault and its path. */
export function parseScenarios(text: string): ScenarioFile {
  if (text.length > MAX_SCENARIO_LENGTH)
    throw invalid([`expected at most ${MAX_SCENARIO_LENGTH} characters, got ${text.length}`]);
  let plain: unknown;
  try {
    // Warnings would put lines of the file into the log of the process.
    plain = parse(text, { maxAliasCount: 100, uniqueKeys: true, logLevel: 'error' });
  } catch (error) {
    throw invalid([`expected YAML: ${error instanceof Error ? error.message : 'unreadable'}`], error);
  }
  const read = file.safeParse(plain);
  if (read.success) return read.data;
  throw invalid(read.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`));
}

export function invalid(problems: readonly string[], cause?: unknown): PolicyError {
  const faults = problems.map((message) => ({
    severity: 'error' as const,
    code: 'SCENARIO',
    policyId: '',
    line: 0,
    column: 0,
    message,
  }));
  const some = problems.slice(0, 3).join('; ');
  return new PolicyError(
    'SCENARIO_INVALID',
    `expected a scenario file of format tocsin-scenarios/1: ${some}`,
    faults,
    cause,
  );
}
