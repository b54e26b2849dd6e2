/** The policy of one node: its layers over one roster. Made anew when a policy or the roster changes. */
import { hex } from '../base/bytes.ts';
import type { Verdict } from '../base/verdict.ts';
import type { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';
import type { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { type ArrivedItem, judgeArrivedItem } from './arrival.ts';
import { type SharingCase, sharingCase } from './case.ts';
import { type Decision, refused } from './decision.ts';
import { type DeskRequest, judgeDeskAction } from './desk.ts';
import type { PolicyRoster } from './entities.ts';
import { PolicyError } from './errors.ts';
import { type RecordFacts, recordFacts, type SharedRecord } from './facts.ts';
import { Layers, type PolicyRule } from './layers.ts';
import { inputDigest, Memo } from './memo.ts';
import {
  type CellView,
  finishView,
  type PartnerView,
  refusedView,
  ruleView,
  type ViewRuling,
  viewCell,
  viewInput,
} from './view.ts';

/** Views remembered: one per input that policies can tell apart, over all records and partners. */
const REMEMBERED_VIEWS = 5_000;

export interface PolicyOptions {
  /** The network's baseline, as the roster carries it. */
  readonly baseline: string;
  /** The state's own policy; empty = none. */
  readonly national: string;
  /** Node that decides. */
  readonly self: string;
  readonly roster: PolicyRoster;
}

/** Counters for metrics and tests. */
export interface PolicyCounts {
  /** Evaluations by Cedar. */
  readonly evaluations: number;
  /** Views computed, as opposed to remembered. */
  readonly views: number;
}

/** Decides who sees what, and explains it. Deterministic in its inputs; nothing here waits or writes. */
export interface PolicyEngine {
  readonly self: string;
  /** Digest of all policy texts in force and the roster. */
  readonly digest: string;
  readonly counts: PolicyCounts;
  /** Every rule in force. */
  readonly rules: readonly PolicyRule[];
  /** What a partner sees of a record. An unknown partner or an unreadable record is refused, never an error. */
  viewFor(record: SharedRecord, partner: string, atMs: number): PartnerView;
  /** One view per member but this node, in the order of the roster. */
  preview(record: SharedRecord, atMs: number): readonly PartnerView[];
  /** The decisions for one desk group and purpose of a partner. */
  explain(
    record: SharedRecord,
    partner: string,
    cell: { readonly deskGroup: DeskGroup; readonly purpose: Purpose },
    atMs: number,
  ): CellView;
  /** What an officer of this node may do. */
  judgeDesk(request: DeskRequest, atMs: number): Decision;
  /** The receiver's side: third-party rule, suspended senders, forbidden facets, exercise, baseline and marking. */
  judgeArrival(item: ArrivedItem, atMs: number): Verdict<true, Reason>;
}

/**
 * Throws PolicyError: `POLICY_INVALID` with all faults of the texts, `SELF_UNKNOWN` where the roster lacks this node.
 */
export function createPolicyEngine(options: PolicyOptions): PolicyEngine {
  const { baseline, national, self, roster } = options;
  if (roster.member(self) === undefined)
    throw new PolicyError(
      'SELF_UNKNOWN',
      `expected ${self} among the members of the roster; check the node's id`,
    );
  const layers = new Layers({ baseline, national });
  const arrivals = national.trim() === '' ? layers : new Layers({ baseline, national: '' });
  const views = new Memo<ViewRuling>(REMEMBERED_VIEWS);
  // Where this state has no policy of its own both ask the same question.
  const arrivalViews = arrivals === layers ? views : new Memo<ViewRuling>(REMEMBERED_VIEWS);
  const readings = new WeakMap<SharedRecord, { readonly facts: RecordFacts | undefined }>();
  let computed = 0;

  const factsOf = (record: SharedRecord): RecordFacts | undefined => {
    const known = readings.get(record);
    if (known !== undefined) return known.facts;
    const facts = recordFacts(record);
    readings.set(record, { facts });
    return facts;
  };

  const caseOf = (record: SharedRecord, partner: string, atMs: number): SharingCase | Decision => {
    const member = roster.member(partner);
    if (member === undefined || partner === self) return refused('R1', `${partner} is no other member`);
    const facts = factsOf(record);
    if (facts === undefined)
      return refused(
        'R1',
        'the kind, a value of the marking or a facet is not known here: nothing is disclosed',
      );
    const endsDisclosed = record.endsDisclosedTo?.(partner) ?? false;
    return sharingCase({
      facts,
      member,
      atMs,
      self,
      consent: record.consent,
      endsDisclosed,
      standings: roster.standings,
    });
  };

  const namesIn = (record: SharedRecord) => record.signed.header.commitments.map(({ facet }) => facet);

  const viewFor = (record: SharedRecord, partner: string, atMs: number): PartnerView => {
    const one = caseOf(record, partner, atMs);
    if ('rule' in one) return refusedView(partner, namesIn(record), one);
    const ruling = views.answer(inputDigest(viewInput(layers, one)), () => {
      computed += 1;
      return ruleView(layers, one);
    });
    return finishView(ruling, one);
  };

  return {
    self,
    digest: inputDigest([layers.digest, hex(roster.digest)]),
    get counts() {
      const others = arrivals === layers ? 0 : arrivals.evaluations;
      return { evaluations: layers.evaluations + others, views: computed };
    },
    get rules() {
      return layers.rules;
    },
    viewFor,
    preview: (record, atMs) =>
      roster.roster.members
        .filter((member) => member.node !== self)
        .map((member) => viewFor(record, member.node, atMs)),
    explain: (record, partner, cell, atMs) => {
      const one = caseOf(record, partner, atMs);
      if ('rule' in one)
        return { receive: one, facets: new Map(namesIn(record).map((facet) => [facet, one])) };
      return viewCell(layers, one, cell);
    },
    judgeDesk: (request, atMs) => judgeDeskAction(layers, self, request, atMs),
    judgeArrival: (item, atMs) =>
      judgeArrivedItem(
        {
          rule: (one) =>
            arrivalViews.answer(inputDigest(viewInput(arrivals, one)), () => ruleView(arrivals, one)),
          roster,
          self,
        },
        item,
        atMs,
      ),
  };
}
