/** Faults of a policy text, all at once and each with its line: grammar, schema, and what the schema cannot say. */
import { utf8 } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { readPolicies, validatePolicies } from './engine.ts';
import type { PolicyFault } from './errors.ts';
import type { Policy } from './policy-text.ts';
import { CLOSED_SETS } from './vocabulary.ts';

const ID = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const DESK_GROUP_WORDS = CLOSED_SETS.get('deskGroup') ?? new Set();

/**
 * Every fault of a text that is to be the network's baseline or a state's own policy. An empty text is a fault of a
 * baseline (it permits nothing) and none of a national policy.
 */
export function checkPolicies(
  text: string,
  options: { readonly layer?: 'baseline' | 'national' } = {},
): readonly PolicyFault[] {
  const layer = options.layer ?? 'national';
  if (utf8(text).length > LIMITS.policyBytes)
    return [fault(undefined, 'error', 'TOO_LARGE', `expected at most ${LIMITS.policyBytes} bytes`)];
  const { policies, faults } = readPolicies(text, layer);
  if (faults.length > 0) return faults;
  if (policies.length === 0)
    return layer === 'national'
      ? []
      : [fault(undefined, 'error', 'EMPTY', 'expected a baseline that permits something, got no policy')];
  const seen = new Map<string, Policy>();
  const found = [...validatePolicies(text, policies)];
  for (const policy of policies) {
    found.push(...lint(policy));
    const earlier = seen.get(policy.id);
    if (earlier !== undefined)
      found.push(
        fault(policy, 'error', 'ID_TWICE', `expected an id of its own; line ${earlier.line} has it too`),
      );
    seen.set(policy.id, policy);
  }
  return found.sort((a, b) => a.line - b.line || a.column - b.column);
}

function fault(
  policy: Policy | undefined,
  severity: PolicyFault['severity'],
  code: string,
  message: string,
): PolicyFault {
  const place = policy === undefined ? { line: 0, column: 0 } : { line: policy.line, column: 1 };
  return { severity, code, policyId: policy?.id ?? '', ...place, message };
}

function lint(policy: Policy): PolicyFault[] {
  const found: PolicyFault[] = [];
  const add = (severity: PolicyFault['severity'], code: string, message: string) =>
    found.push(fault(policy, severity, code, message));
  if (policy.annotations.id === undefined)
    add('error', 'NO_ID', 'expected an annotation @id("…"), so that decisions can name the policy');
  else if (!ID.test(policy.id))
    add('error', 'ID_FORM', 'expected an id of letters, digits and hyphens, at most 64, a letter first');
  const reason = policy.annotations.reason ?? '';
  if (reason.trim() === '')
    add('error', 'NO_REASON', 'expected an annotation @reason("…") with one line that explains it to people');
  else if (/[\r\n]/.test(reason) || reason.length > 200)
    add('error', 'REASON_FORM', 'expected a reason of one line and at most 200 characters');
  if (policy.layer === 'baseline' && policy.annotations.rule === undefined)
    add('error', 'NO_RULE', 'expected an annotation @rule("R…") that names the rule of the network');
  if (policy.comparesEntities)
    add(
      'error',
      'ENTITY_ID',
      'expected a condition on attributes, as principal.node == "XA"; entities have no names',
    );
  if (policy.effect === 'permit' && policy.layer === 'national')
    add(
      'warning',
      'PERMIT_HAS_NO_EFFECT',
      'a national policy only narrows: this permit is left out; use forbid',
    );
  if (policy.effect === 'permit' && policy.unconditional)
    add(
      policy.layer === 'baseline' ? 'error' : 'warning',
      'PERMIT_UNCONDITIONAL',
      'expected a condition; without one everything is permitted to everybody',
    );
  if (policy.effect === 'forbid' && policy.unconditional)
    add('warning', 'FORBID_UNCONDITIONAL', 'without a condition nothing is ever permitted');
  for (const literal of policy.literals)
    if (looksLikeTypo(literal, policy))
      add(
        'warning',
        'UNKNOWN_WORD',
        `${JSON.stringify(literal)} is no value of any attribute that this policy reads`,
      );
  return found;
}

/**
 * A word that no closed set holds, in a policy that reads closed sets only, can never match. Node ids, groups, countries,
 * kinds and facet names are open.
 */
function looksLikeTypo(literal: string, policy: Policy): boolean {
  const closed = [...policy.reads].filter((name) => CLOSED_SETS.has(name));
  const open = [...policy.reads].filter((name) => !CLOSED_SETS.has(name) && OPEN.has(name));
  if (open.length > 0 || closed.length === 0) return false;
  return !closed.some((name) => CLOSED_SETS.get(name)?.has(literal)) && !DESK_GROUP_WORDS.has(literal);
}

const OPEN: ReadonlySet<string> = new Set([
  'node',
  'country',
  'groups',
  'role',
  'kind',
  'originator',
  'name',
  'releasableTo',
  'excluded',
  'purportedIssuer',
]);
