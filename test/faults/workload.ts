/**
 * What the officers of three states do while things fail, and what must follow from it. The expectations are written out here by
 * hand from the rules of the network (marking, baseline, the policies below), so that the checker asks no code of the node.
 */

import type { Cast } from '../../src/cli/demo/story.ts';
import { exampleContent } from '../support/contents.ts';

export const NODES = ['XA', 'XB', 'XC'] as const;
export type NodeId = (typeof NODES)[number];

export const CAST: readonly Cast[] = NODES.map((id) => ({
  id,
  name: `State ${id}`,
  country: id,
  role: 'national',
  groups: ['sac', 'adequate'],
  deskGroups: ['police'],
}));

/** What is released, by name. */
export const VARIANTS = ['open', 'bilateral', 'flash'] as const;
export type Variant = (typeof VARIANTS)[number];

const MARKINGS: Readonly<Record<Variant, (from: NodeId) => readonly string[]>> = {
  open: () => ['sac'],
  bilateral: (from) => [partnerOf(from)],
  flash: () => ['sac'],
};

/** The one partner of a bilateral record. */
export const partnerOf = (from: NodeId): NodeId => (from === 'XB' ? 'XA' : 'XB');

/** Content of a record, as a desk takes it. */
export function contentOf(from: NodeId, variant: Variant, nowMs: number): unknown {
  return {
    ...(exampleContent('seizure-notice', nowMs) as Readonly<Record<string, unknown>>),
    deskGroup: 'police',
    ...(variant === 'flash' ? { priority: 'flash' } : {}),
    marking: { releasableTo: MARKINGS[variant](from) },
  };
}

/** Facets of a seizure notice that police of a friendly state may hold. Never among them: source, distribution, internal. */
const TO_POLICE = [
  'summary',
  'items',
  'identifiers',
  'route',
  'entities',
  'persons',
  'legal',
  'price',
  'assessment',
] as const;
/** Those that must have come once everything is quiet. */
const AT_LEAST = ['summary', 'items'] as const;

/** XA's own policy: XC sees no routes. `narrowed`: from then on XB sees no identifiers either. */
export const policyOfXA = (narrowed: boolean): string =>
  [
    '@id("F1-no-routes-to-xc") @reason("routes stay with XB")',
    'forbid (principal, action == Action::"disclose", resource)',
    'when { principal.node == "XC" && context.facet.name == "route" };',
    ...(narrowed
      ? [
          '@id("F2-no-identifiers-to-xb") @reason("serial numbers stay here for now")',
          'forbid (principal, action == Action::"disclose", resource)',
          'when { principal.node == "XB" && context.facet.name == "identifiers" };',
        ]
      : []),
    '',
  ].join('\n');

/** A release that a desk confirmed. */
export interface Released {
  /** Hexadecimal header digest. */
  readonly digest: string;
  readonly from: NodeId;
  readonly variant: Variant;
  /** XA's narrower policy was confirmed before the draft was released. */
  readonly afterNarrowing: boolean;
  /** Its node lost its store after the desk had confirmed, perhaps before a partner had it. */
  atRisk: boolean;
}

export interface Expectation {
  /** Facets that the node may hold; undefined: it must not know of the record at all. */
  readonly may: ReadonlySet<string> | undefined;
  readonly must: readonly string[];
}

/** What a partner may and must hold of a release, once all is quiet and before it is recalled. */
export function expectationAt(released: Released, at: NodeId): Expectation {
  const { from, variant, afterNarrowing } = released;
  if (variant === 'bilateral' && at !== partnerOf(from)) return { may: undefined, must: [] };
  const may = new Set<string>(TO_POLICE);
  if (from === 'XA' && at === 'XC') may.delete('route');
  if (from === 'XA' && at === 'XB' && afterNarrowing) may.delete('identifiers');
  return { may, must: AT_LEAST };
}
