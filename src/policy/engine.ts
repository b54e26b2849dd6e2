/**
 * Cedar, and nothing of ours but the text of policies: parse, validate, evaluate. The only import of the library, so that
 * its traps have one place: a policy that fails at evaluation is *skipped* by Cedar, which would let a broken `forbid`
 * through, hence every failure counts as a refusal; parsed sets are never freed, hence a fixed pool of names.
 */
import {
  type AuthorizationAnswer,
  type CedarValueJson,
  type DetailedError,
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  statefulIsAuthorized,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyFault } from './errors.ts';
import { inputDigest, Memo } from './memo.ts';
import { describePolicy, type Layer, type Policy, placeAt } from './policy-text.ts';
import { POLICY_SCHEMA } from './schema.cedar.ts';

/** Values of attributes as policies see them. */
export type Attribute = string | boolean | readonly string[] | { readonly [name: string]: Attribute };
export type Attributes = Readonly<Record<string, Attribute>>;

/** One question to a set of policies. */
export interface Question {
  readonly principalType: 'Desk' | 'Officer';
  readonly principal: Attributes;
  readonly action: string;
  readonly resourceType: 'Record' | 'Node';
  readonly resource: Attributes;
  readonly context: Attributes;
}

/** What Cedar says: the policies that decided, or that one of them failed. */
export type Outcome =
  | { readonly kind: 'allow' | 'deny'; readonly deciding: readonly Policy[] }
  | { readonly kind: 'error'; readonly message: string };

/** A text and what Cedar makes of it. */
interface Reading {
  readonly policies: readonly Policy[];
  readonly faults: readonly PolicyFault[];
}

/** Readings are pure and cost some 20 ms; a new roster makes a new engine over the same texts. */
const readings = new Memo<Reading>(32);
const validations = new Memo<readonly PolicyFault[]>(32);

/**
 * Parsed policies of a text in its order. Where the text does not parse, faults with their places and no policies.
 * Cedar returns the parts sorted by a made-up id (`policy10` before `policy2`), so each is found again in the text.
 */
export const readPolicies = (text: string, layer: Layer): Reading =>
  readings.answer(inputDigest([layer, text]), () => read(text, layer));

function read(text: string, layer: Layer): Reading {
  if (!text.isWellFormed())
    return { policies: [], faults: [atNoPlace('NOT_UTF8', 'expected UTF-8 text, got a lone surrogate')] };
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') return { policies: [], faults: parts.errors.flatMap((e) => spread(text, e)) };
  if (parts.policy_templates.length > 0)
    return {
      policies: [],
      faults: [atNoPlace('TEMPLATE', 'expected policies without slots, got a template: write the value')],
    };
  const taken = new Set<number>();
  const found = parts.policies.map((part) => {
    let at = text.indexOf(part);
    while (at !== -1 && taken.has(at)) at = text.indexOf(part, at + 1);
    taken.add(at);
    return { part, at };
  });
  found.sort((a, b) => a.at - b.at);
  const policies: Policy[] = [];
  const faults: PolicyFault[] = [];
  found.forEach(({ part, at }, position) => {
    const line = at === -1 ? 0 : text.slice(0, at).split('\n').length;
    const parsed = policyToJson(part);
    if (parsed.type === 'failure')
      faults.push({ ...atNoPlace('UNREADABLE', parsed.errors.map((e) => e.message).join('; ')), line });
    else policies.push(describePolicy(parsed.json, { layer, text: part, line, position }));
  });
  return { policies, faults };
}

/** Faults against the schema. Cedar reports them inside an answer of type `success`. */
export const validatePolicies = (text: string, policies: readonly Policy[]): readonly PolicyFault[] =>
  validations.answer(inputDigest(text), () => validateText(text, policies));

function validateText(text: string, policies: readonly Policy[]): readonly PolicyFault[] {
  const answer = validate({
    schema: POLICY_SCHEMA,
    policies: { staticPolicies: text },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure') return answer.errors.flatMap((error) => spread(text, error));
  const faultOf = (severity: 'error' | 'warning', code: string, error: DetailedError): PolicyFault => {
    const start = error.sourceLocations?.[0]?.start;
    const place = start === undefined ? { line: 0, column: 0 } : placeAt(text, start);
    const policy = policies.findLast((candidate) => candidate.line <= place.line);
    const help = error.help ?? '';
    return {
      severity,
      code,
      policyId: policy?.id ?? '',
      ...place,
      message: [error.message.replace(/^for policy `[^`]*`, /, ''), help].filter(Boolean).join('; '),
    };
  };
  return [
    ...answer.validationErrors.map(({ error }) => faultOf('error', 'SCHEMA', error)),
    ...answer.validationWarnings.map(({ error }) => faultOf('warning', 'UNREACHABLE', error)),
  ];
}

const atNoPlace = (code: string, message: string): PolicyFault => ({
  severity: 'error',
  code,
  policyId: '',
  line: 0,
  column: 0,
  message,
});

/** A parse error and the errors beside it, each with its own place. */
function spread(text: string, error: DetailedError): PolicyFault[] {
  const source = error.sourceLocations?.[0];
  const own: PolicyFault = {
    ...atNoPlace('SYNTAX', source?.label ? `${error.message}: ${source.label}` : error.message),
    ...(source === undefined ? {} : placeAt(text, source.start)),
  };
  const related = (error.related ?? []).flatMap((other) => spread(text, other));
  return [own, ...related].sort((a, b) => a.line - b.line || a.column - b.column);
}

/**
 * Names under which Cedar keeps parsed sets in its own memory (0.11 MB each, for the life of the process). Engines of
 * several nodes in one process, or the old and new policy of a comparison, take turns; one alone never parses twice.
 */
const SLOTS = 24;
const slotOf = new Map<string, string>();

function loaded(digest: string, policies: readonly Policy[]): string {
  const known = slotOf.get(digest);
  if (known !== undefined) {
    slotOf.delete(digest);
    slotOf.set(digest, known);
    return known;
  }
  let slot = `tocsin-${slotOf.size}`;
  if (slotOf.size >= SLOTS) {
    const [oldest = '', freed = slot] = slotOf.entries().next().value ?? [];
    slotOf.delete(oldest);
    slot = freed;
  }
  const answer = preparsePolicySet(slot, {
    staticPolicies: Object.fromEntries(policies.map((policy) => [policy.key, policy.text])),
  });
  if (answer.type === 'failure') throw new TypeError(answer.errors.map((error) => error.message).join('; '));
  slotOf.set(digest, slot);
  return slot;
}

/** The policies that apply to one action, ready to be asked. */
export class PolicySet {
  readonly digest: string;
  /** Attributes that any policy of the set reads: nothing else is passed, so nothing else tells two inputs apart. */
  readonly reads: ReadonlySet<string>;
  /** Strings that any policy names; undefined where one compares in a way that any string may matter. */
  readonly literals: ReadonlySet<string> | undefined;
  readonly #policies: readonly Policy[];
  readonly #byKey: ReadonlyMap<string, Policy>;

  constructor(action: string, policies: readonly Policy[]) {
    this.#policies = policies.filter((policy) => policy.actions === undefined || policy.actions.has(action));
    this.#byKey = new Map(this.#policies.map((policy) => [policy.key, policy]));
    this.digest = inputDigest(this.#policies.map((policy) => [policy.key, policy.text]));
    this.reads = new Set(this.#policies.flatMap((policy) => [...policy.reads]));
    this.literals = this.#policies.some((policy) => policy.opaque)
      ? undefined
      : new Set(this.#policies.flatMap((policy) => [...policy.literals]));
  }

  /** One evaluation. Never throws: what Cedar cannot answer is an error outcome, which callers take as a refusal. */
  evaluate(question: Question): Outcome {
    try {
      return this.#read(this.#ask(question));
    } catch (error) {
      return { kind: 'error', message: error instanceof Error ? error.message : 'the policy engine failed' };
    }
  }

  #ask(question: Question): AuthorizationAnswer {
    const principal = { type: question.principalType, id: 'who' };
    const resource = { type: question.resourceType, id: 'what' };
    return statefulIsAuthorized({
      principal,
      action: { type: 'Action', id: question.action },
      resource,
      context: question.context as Record<string, CedarValueJson>,
      preparsedPolicySetId: loaded(this.digest, this.#policies),
      entities: [
        { uid: principal, attrs: question.principal as Record<string, CedarValueJson>, parents: [] },
        { uid: resource, attrs: question.resource as Record<string, CedarValueJson>, parents: [] },
      ],
    });
  }

  #read(answer: AuthorizationAnswer): Outcome {
    if (answer.type === 'failure')
      return { kind: 'error', message: answer.errors.map((error) => error.message).join('; ') };
    const [failed] = answer.response.diagnostics.errors;
    if (failed !== undefined)
      return { kind: 'error', message: `policy ${failed.policyId}: ${failed.error.message}` };
    const deciding: Policy[] = [];
    for (const key of answer.response.diagnostics.reason) {
      const policy = this.#byKey.get(key);
      if (policy !== undefined) deciding.push(policy);
    }
    return { kind: answer.response.decision, deciding };
  }
}
