/** One policy as its text and its annotations say, and what it reads: pure over Cedar's JSON form of a policy. */

/** Who stands behind a policy. */
export type Layer = 'baseline' | 'marking' | 'national' | 'desk';

/** One parsed policy. */
export interface Policy {
  /** Unique over all layers: `national/N1`. */
  readonly key: string;
  /** As its annotation `@id` says; made up where it has none. */
  readonly id: string;
  readonly layer: Layer;
  /** As its annotation `@rule` says: `R8`; a national policy without one is named by its id. */
  readonly rule: string;
  /** One line for people; `{partner}`, `{purpose}`, `{kind}` and `{facet}` stand for the case at hand. */
  readonly reason: string;
  readonly effect: 'permit' | 'forbid';
  /** Undefined = every action. */
  readonly actions: ReadonlySet<string> | undefined;
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** Position among the policies of its text. */
  readonly position: number;
  /** Names of all attributes that it reads, whatever they belong to. */
  readonly reads: ReadonlySet<string>;
  /** All strings that it compares with. */
  readonly literals: ReadonlySet<string>;
  /** It compares by pattern, or the asker's attributes with one another: then any string may matter, named or not. */
  readonly opaque: boolean;
  /** It compares whole entities, which the engine does not name. */
  readonly comparesEntities: boolean;
  /** No condition at all. */
  readonly unconditional: boolean;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The parts of Cedar's JSON form of a policy that are read here. */
export interface PolicyDocument {
  readonly effect: 'permit' | 'forbid';
  readonly principal: { readonly op: string };
  readonly action: {
    readonly op: string;
    readonly entity?: unknown;
    readonly entities?: readonly unknown[];
  };
  readonly resource: { readonly op: string };
  readonly conditions: readonly { readonly kind: string; readonly body: unknown }[];
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** Where a policy stands in its text. */
export interface PolicyPlace {
  readonly layer: Layer;
  readonly text: string;
  readonly line: number;
  readonly position: number;
}

/** Reads one policy out of Cedar's JSON form. */
export function describePolicy(document: PolicyDocument, place: PolicyPlace): Policy {
  const findings = { reads: new Set<string>(), literals: new Set<string>(), opaque: false, entities: false };
  for (const condition of document.conditions) walk(condition.body, findings);
  const annotations: Record<string, string> = {};
  for (const [name, value] of Object.entries(document.annotations ?? {})) annotations[name] = value ?? '';
  const id = annotations.id ?? `policy-${place.position + 1}`;
  const inScope = (op: string) => op === '==' || op === 'in';
  return {
    ...place,
    key: `${place.layer}/${id}`,
    id,
    rule: annotations.rule ?? id,
    reason: annotations.reason ?? `policy ${id}`,
    effect: document.effect,
    actions: actionsOf(document.action),
    reads: findings.reads,
    literals: findings.literals,
    opaque: findings.opaque,
    comparesEntities: findings.entities || inScope(document.principal.op) || inScope(document.resource.op),
    unconditional: document.conditions.length === 0,
    annotations,
  };
}

function actionsOf(scope: PolicyDocument['action']): ReadonlySet<string> | undefined {
  if (scope.op === 'All') return undefined;
  const entities = scope.entities ?? [scope.entity];
  return new Set(entities.map((entity) => (isRecord(entity) ? String(entity.id ?? '') : '')));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Findings {
  readonly reads: Set<string>;
  readonly literals: Set<string>;
  opaque: boolean;
  entities: boolean;
}

function walk(node: unknown, findings: Findings): void {
  if (Array.isArray(node)) {
    for (const entry of node) walk(entry, findings);
    return;
  }
  if (!isRecord(node)) return;
  for (const [operator, operand] of Object.entries(node)) {
    if (operator === 'Value') {
      literal(operand, findings);
      continue;
    }
    if (operator === 'like') findings.opaque = true;
    if (isRecord(operand) && isOfAsker(operand.left) && isOfAsker(operand.right)) {
      if (COMPARISONS.has(operator)) findings.opaque = true;
    }
    if ((operator === '.' || operator === 'has') && isRecord(operand))
      for (const attribute of [operand.attr].flat()) findings.reads.add(String(attribute));
    walk(operand, findings);
  }
}

const COMPARISONS: ReadonlySet<string> = new Set([
  '==',
  '!=',
  'in',
  'contains',
  'containsAll',
  'containsAny',
]);

/** Whether an expression depends on the principal or the context. */
function isOfAsker(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(isOfAsker);
  if (!isRecord(node)) return false;
  return Object.entries(node).some(([operator, operand]) =>
    operator === 'Var' ? operand === 'principal' || operand === 'context' : isOfAsker(operand),
  );
}

function literal(value: unknown, findings: Findings): void {
  if (typeof value === 'string') findings.literals.add(value);
  else if (Array.isArray(value)) for (const entry of value) literal(entry, findings);
  else if (isRecord(value)) {
    if ('__entity' in value) findings.entities = true;
    for (const entry of Object.values(value)) literal(entry, findings);
  }
}

/** Line and column, both from 1, of a byte offset: Cedar counts bytes of UTF-8. */
export function placeAt(
  text: string,
  byteOffset: number,
): { readonly line: number; readonly column: number } {
  const before = Buffer.from(text, 'utf8').subarray(0, byteOffset).toString('utf8');
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: before.length - lineStart + 1 };
}
