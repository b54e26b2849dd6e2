/** Whether content may become a record: every fault and every flag, with paths. */
import type { FieldFault } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import { DeskGroup, Onward } from '../gen/tocsin/record/v1/marking.ts';
import { Distribution } from '../gen/tocsin/record/v1/shared_facets.ts';
import type { RecordContent } from './content.ts';
import type { ContentView, FacetCodec, Findings, KindRow, Retention, ValidationMode } from './kind-row.ts';
import { kindOf } from './kinds.ts';
import { ownerLint } from './lint.ts';
import { judgeMarking, LOCAL_GROUP } from './marking.ts';
import { wireFault } from './wire.ts';

const DAY_MS = 86_400_000;

export interface ValidationOptions {
  readonly mode: ValidationMode;
  readonly nowMs: number;
}

/**
 * Judges content against the rules of its kind. `typed` refuses what an officer can still put right; `imported` keeps what
 * the world supplied and flags it. Never throws for any content.
 */
export function validateContent(content: RecordContent, options: ValidationOptions): Findings {
  const faults: FieldFault[] = [];
  const flags: FieldFault[] = [];
  const row = kindOf(content.kind);
  if (row === undefined) {
    faults.push({ path: 'kind', code: 'UNKNOWN_KIND', message: 'expected a kind of the table, got another' });
    return { faults, flags };
  }
  const bytesFaults = facetFaults(content, row);
  faults.push(...bytesFaults, ...judgeMarking(content.marking));
  // Rules read decoded messages: of bytes that are none there is nothing more to say.
  if (bytesFaults.length > 0) return { faults, flags };
  const view = viewContent(content, row, options, { faults, flags });
  checkHeader(content, row, view);
  checkDistribution(view);
  for (const facet of row.facets) {
    const message = view.facet(facet.name, facet.codec);
    if (message !== undefined) checkTexts(message, `facets.${facet.name}`, view);
  }
  row.rules(view);
  return { faults, flags };
}

function facetFaults(content: RecordContent, row: KindRow): FieldFault[] {
  const faults: FieldFault[] = [];
  for (const [name, body] of Object.entries(content.facets)) {
    const path = `facets.${name}`;
    const facet = row.facets.find((known) => known.name === name);
    if (facet === undefined)
      faults.push({
        path,
        code: 'UNKNOWN_FACET',
        message: `expected one of ${row.facets.map((known) => known.name).join(', ')}`,
      });
    else if (body.length > LIMITS.facetBytes)
      faults.push({ path, code: 'TOO_LARGE', message: `expected at most ${LIMITS.facetBytes} bytes` });
    else {
      const fault = wireFault(facet.typeName, body);
      if (fault !== undefined)
        faults.push({ path, code: 'MALFORMED', message: `expected a message, got ${fault}` });
    }
  }
  return faults;
}

/** Content as rules read it; findings go into the lists given. */
export function viewContent(
  content: RecordContent,
  row: KindRow,
  options: ValidationOptions,
  findings: Findings,
): ContentView {
  const decoded = new Map<string, unknown>();
  const add = (list: FieldFault[]) => (path: string, code: string, message: string) => {
    list.push({ path, code, message });
  };
  return {
    kind: row.code,
    mode: options.mode,
    nowMs: options.nowMs,
    marking: content.marking,
    priority: content.priority,
    expires: content.expires,
    reviewBy: content.reviewBy,
    facet<Message>(name: string, codec: FacetCodec<Message>): Message | undefined {
      const body = Object.hasOwn(content.facets, name) ? content.facets[name] : undefined;
      if (body === undefined || body.length === 0) return undefined;
      const known = decoded.get(name);
      if (known !== undefined) return known as Message;
      const message = codec.decode(body);
      decoded.set(name, message);
      return message;
    },
    fault: add(findings.faults),
    flag: add(findings.flags),
    doubt: add(options.mode === 'typed' ? findings.faults : findings.flags),
  };
}

/** Retention of this content: the kind's, as its own rule narrows or widens it. */
export const retentionOf = (row: KindRow, view: ContentView): Retention => ({
  ...row.retention,
  ...row.retentionOf?.(view),
});

function checkHeader(content: RecordContent, row: KindRow, view: ContentView): void {
  const { nowMs } = view;
  const { expires, reviewBy, marking } = content;
  const retention = retentionOf(row, view);
  if (content.deskGroup === DeskGroup.DESK_GROUP_UNSPECIFIED)
    view.fault('deskGroup', 'REQUIRED', 'expected the desk group that speaks, got none');
  if (content.deskGroup === DeskGroup.DESK_GROUP_NODE && !row.control)
    view.fault('deskGroup', 'NOT_ALLOWED', 'expected a desk: the node itself speaks in control kinds only');
  if (content.priority === 0) view.fault('priority', 'REQUIRED', 'expected a priority, got none');
  if (!Number.isSafeInteger(expires) || expires <= nowMs)
    view.fault('expires', 'OUT_OF_RANGE', 'expected an instant in the future');
  else if (expires > nowMs + retention.expireAfterDays * DAY_MS)
    view.fault(
      'expires',
      'RETENTION',
      `expected expiry within ${retention.expireAfterDays} days for this content, got later`,
    );
  if (!Number.isSafeInteger(reviewBy) || reviewBy > expires)
    view.fault('reviewBy', 'OUT_OF_RANGE', 'expected review not after expiry');
  else if (reviewBy <= nowMs) view.fault('reviewBy', 'OUT_OF_RANGE', 'expected an instant in the future');
  else if (reviewBy > nowMs + retention.reviewEveryDays * DAY_MS)
    view.fault(
      'reviewBy',
      'RETENTION',
      `expected review within ${retention.reviewEveryDays} days, got later`,
    );
  if (marking.notBefore >= BigInt(Number.isSafeInteger(expires) ? expires : 0))
    view.fault('marking.notBefore', 'OUT_OF_RANGE', 'expected disclosure to begin before expiry');
  const local = marking.releasableTo.includes(LOCAL_GROUP);
  if (row.local && !(local && marking.releasableTo.length === 1))
    view.fault(
      'marking.releasableTo',
      'LOCAL',
      `expected only ${LOCAL_GROUP}: the kind never leaves its node`,
    );
  if (!row.local && local)
    view.fault('marking.releasableTo', 'NOT_ALLOWED', `expected partners: ${LOCAL_GROUP} is for local kinds`);
  marking.alsoFacets.forEach((name, index) => {
    if (!row.facets.some((facet) => facet.name === name))
      view.fault(
        `marking.alsoFacets[${index}]`,
        'UNKNOWN_FACET',
        'expected a facet of the kind, got another',
      );
  });
}

/** An exclusion that a forwarder does not know of would be void, and who forwards must not be told of it either (R11). */
function checkDistribution(view: ContentView): void {
  const distribution = view.facet('distribution', Distribution);
  if (distribution === undefined || distribution.exclusions.length === 0) return;
  if (view.marking.onward === Onward.ONWARD_GROUP)
    view.fault(
      'marking.onward',
      'DISTRIBUTION_ONWARD',
      'expected onward none or consent where a distribution excludes anyone, got group',
    );
}

/** Control characters other than line breaks and tabs have no business in a text, and hide things in terminals. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/;

function checkTexts(value: unknown, path: string, view: ContentView): void {
  if (typeof value === 'string') {
    if (value === '') return;
    if (value.length > LIMITS.textLength)
      view.fault(path, 'TOO_LONG', `expected at most ${LIMITS.textLength} characters, got ${value.length}`);
    if (CONTROL.test(value))
      view.doubt(path, 'CONTROL_CHARACTER', 'expected text without control characters; retype it');
    const [finding] = ownerLint(value);
    if (finding !== undefined)
      view.doubt(
        path,
        'R10',
        `expected nothing about lawful individual owners, got words for it (${finding.language}); take it out (R10)`,
      );
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      checkTexts(item, `${path}[${index}]`, view);
    });
    return;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const [key, item] of Object.entries(value)) checkTexts(item, `${path}.${key}`, view);
}
