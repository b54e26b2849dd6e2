/**
 * The originator's conditions: their form, and the strictest of two. Who is in a group, and what a marking means for a
 * partner, is the policy's business (design §7).
 */
import type { FieldFault } from '../base/error.ts';
import {
  type Evidence,
  Handling,
  type Marking,
  Onward,
  type Pap,
  type Purpose,
  Status,
  type Tlp,
} from '../gen/tocsin/record/v1/marking.ts';
import { isNodeId, type World } from './signed.ts';

const MAX_RELEASABLE = 64;
const MAX_CONDITION = 500;
const MAX_ALSO_FACETS = 20;
const GROUP = /^[a-z][a-z0-9-]{1,31}$/;
const FACET = /^[a-z][a-z0-9-]{1,31}$/;

/** The releasable group that nobody can be a member of: for kinds that never leave their node. */
export const LOCAL_GROUP = 'local';

/** Whether the text has the form of a roster group (`sac`). */
export const isGroupName = (text: string): boolean => GROUP.test(text);

/** Whether the text has the form of a facet's name. */
export const isFacetName = (text: string): boolean => FACET.test(text);

/** Which log a record belongs in: exercises and technical tests never touch the live one (R21). */
export const worldOf = (status: Status): World => (status === Status.STATUS_ACTUAL ? 'live' : 'exercise');

/** Every fault of a marking's form, with paths that start at `marking`. */
export function judgeMarking(marking: Marking): FieldFault[] {
  const faults: FieldFault[] = [];
  const fault = (path: string, code: string, message: string) =>
    faults.push({ path: `marking.${path}`, code, message });
  const stated = (path: string, value: number) => {
    if (value === 0) fault(path, 'REQUIRED', 'expected a choice, got none; choose one');
  };
  stated('tlp', marking.tlp);
  stated('onward', marking.onward);
  stated('evidence', marking.evidence);
  stated('status', marking.status);
  distinct(marking.handling, 'handling', fault);
  distinct(marking.purposes, 'purposes', fault);
  distinct(marking.releasableTo, 'releasableTo', fault);
  distinct(marking.alsoFacets, 'alsoFacets', fault);
  if (marking.purposes.length === 0) fault('purposes', 'REQUIRED', 'expected at least one purpose, got none');
  if (marking.releasableTo.length === 0)
    fault(
      'releasableTo',
      'REQUIRED',
      'expected at least one node or group, got none; name who may receive it',
    );
  if (marking.releasableTo.length > MAX_RELEASABLE)
    fault(
      'releasableTo',
      'TOO_MANY',
      `expected at most ${MAX_RELEASABLE}, got ${marking.releasableTo.length}`,
    );
  marking.releasableTo.forEach((name, index) => {
    if (!isNodeId(name) && !isGroupName(name))
      fault(
        `releasableTo[${index}]`,
        'WRONG_FORM',
        'expected a node id (upper case) or a group (lower case), got neither',
      );
  });
  if (marking.alsoFacets.length > MAX_ALSO_FACETS)
    fault('alsoFacets', 'TOO_MANY', `expected at most ${MAX_ALSO_FACETS}, got ${marking.alsoFacets.length}`);
  marking.alsoFacets.forEach((name, index) => {
    if (!isFacetName(name)) fault(`alsoFacets[${index}]`, 'WRONG_FORM', 'expected the name of a facet');
  });
  if (marking.handling.includes(Handling.HANDLING_H2) && marking.onward === Onward.ONWARD_GROUP)
    fault('onward', 'H2_ONWARD', 'expected onward none or consent with handling code H2, got group (R6)');
  const conditional = marking.handling.includes(Handling.HANDLING_H3);
  if (conditional && marking.condition.trim() === '')
    fault('condition', 'REQUIRED', 'expected the condition that handling code H3 refers to, got none (R6)');
  if (!conditional && marking.condition !== '')
    fault('condition', 'NOT_ALLOWED', 'expected no condition without handling code H3; add H3 or drop it');
  if (marking.condition.length > MAX_CONDITION)
    fault('condition', 'TOO_LONG', `expected at most ${MAX_CONDITION} characters`);
  if (marking.notBefore < 0n) fault('notBefore', 'OUT_OF_RANGE', 'expected an instant or 0, got less');
  return faults;
}

function distinct(
  values: readonly (string | number)[],
  path: string,
  fault: (path: string, code: string, message: string) => void,
): void {
  if (new Set(values).size !== values.length) fault(path, 'DUPLICATE', 'expected each value once');
  values.forEach((value, index) => {
    if (value === 0) fault(`${path}[${index}]`, 'REQUIRED', 'expected a choice, got none');
  });
}

const union = <Value extends string | number>(a: readonly Value[], b: readonly Value[]): Value[] =>
  [...new Set([...a, ...b])].sort(order);

const shared = <Value extends string | number>(a: readonly Value[], b: readonly Value[]): Value[] =>
  [...new Set(a.filter((value) => b.includes(value)))].sort(order);

const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

const higher = <Value extends number | bigint>(a: Value, b: Value): Value => (a > b ? a : b);
const lower = <Value extends number | bigint>(a: Value, b: Value): Value => (a < b ? a : b);

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/**
 * The strictest of two markings, for a product derived from both (R2): commutative, associative and, up to the order
 * within lists, idempotent. Groups are compared by name, so that two groups with common members have no common name and
 * the product is releasable to nobody until an originator says more. Exercise with actual gives exercise.
 */
export function joinMarkings(a: Marking, b: Marking): Marking {
  return {
    tlp: higher<Tlp>(a.tlp, b.tlp),
    handling: union(a.handling, b.handling),
    pap: higher<Pap>(a.pap, b.pap),
    releasableTo: shared(a.releasableTo, b.releasableTo),
    purposes: shared<Purpose>(a.purposes, b.purposes),
    onward: lower<Onward>(a.onward, b.onward),
    evidence: lower<Evidence>(a.evidence, b.evidence),
    notBefore: higher(a.notBefore, b.notBefore),
    status: higher<Status>(a.status, b.status),
    alsoFacets: shared(a.alsoFacets, b.alsoFacets),
    condition: union(lines(a.condition), lines(b.condition)).join('\n'),
    readReceipt: a.readReceipt || b.readReceipt,
  };
}
