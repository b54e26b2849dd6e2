/**
 * The receiver's side: may what arrived have been sent to us? By baseline and the originator's marking only; what this
 * state keeps from others (its national policy) says nothing about what others give it.
 */
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import type { Audience } from '../gen/tocsin/exchange/v1/parcel.ts';
import { Onward, Tlp } from '../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  facetOf,
  isForbiddenFacet,
  kindOf,
  parseLogOrigin,
  type SignedHeader,
  worldOf,
} from '../record/index.ts';
import { type SharingCase, sharingCase } from './case.ts';
import { POLICY_ERROR } from './decision.ts';
import { memberStateAt, type PolicyRoster } from './entities.ts';
import { type Consent, type RecordFacts, recordFacts } from './facts.ts';
import type { ViewRuling } from './view.ts';

/** One item of a parcel whose signatures, proof and commitments are already judged. */
export interface ArrivedItem {
  readonly signed: SignedHeader;
  readonly sender: string;
  /** Names of the facets disclosed. */
  readonly disclosed: readonly string[];
  readonly audience: Audience;
  /** What the OnwardConsent says that a forwarder relies on; the caller has judged whose it is and about which record. */
  readonly consent?: Consent;
}

/** What the judge needs besides the item. */
export interface ArrivalDeps {
  /** Decides by baseline and marking alone, without this state's own policy. */
  readonly rule: (one: SharingCase) => ViewRuling;
  readonly roster: PolicyRoster;
  readonly self: string;
}

/** Kinds that others may bring: a recall must reach every holder, a consent is the proof of a forwarded item. */
const ANYBODY_BRINGS: ReadonlySet<string> = new Set(['recall', 'onward-consent']);

const NOTHING = Buffer.alloc(0);

type Judged = Verdict<true, Reason>;

/** Judges in this order: sender, world, facets, third-party rule, baseline and marking. */
export function judgeArrivedItem(deps: ArrivalDeps, item: ArrivedItem, atMs: number): Judged {
  const { header } = item.signed;
  for (const judge of [judgeSender, judgeWorld, judgeFacetNames, judgeThirdParty, judgeAudience]) {
    const verdict = judge(deps, item, atMs);
    if (!verdict.ok) return verdict;
  }
  const forwarded = header.originator !== item.sender;
  if (forwarded && ANYBODY_BRINGS.has(header.kind)) return believed(true);
  return judgeByPolicy(deps, item, atMs);
}

/** R20: what a suspended member sends is refused, but for its recalls: they protect people. */
function judgeSender({ roster }: ArrivalDeps, item: ArrivedItem, atMs: number): Judged {
  const member = roster.member(item.sender);
  const state = member === undefined ? 'expelled' : memberStateAt(member, atMs, roster.standings).state;
  if (state === 'suspended' && item.signed.header.kind !== 'recall')
    return disbelieved(Reason.REASON_SUSPENDED, `${item.sender} is suspended (R20)`);
  if (state === 'expelled' || state === 'pending')
    return disbelieved(Reason.REASON_NOT_A_MEMBER, `${item.sender} is no active member`);
  return item.signed.header.originator === item.sender ? believed(true) : judgeOriginator(roster, item);
}

/** What a member released while it was out comes by no other way either; recalls by any (R14, R20). */
function judgeOriginator(roster: ArrivalDeps['roster'], { signed }: ArrivedItem): Judged {
  const { originator, kind, released } = signed.header;
  const member = roster.member(originator);
  if (member === undefined) return disbelieved(Reason.REASON_NOT_A_MEMBER, `${originator} is no member`);
  if (kind === 'recall') return believed(true);
  switch (memberStateAt(member, Number(released), roster.standings).state) {
    case 'suspended':
      return disbelieved(
        Reason.REASON_SUSPENDED,
        `${originator} was suspended when it released the record (R20)`,
      );
    case 'expelled':
      return disbelieved(
        Reason.REASON_NOT_A_MEMBER,
        `${originator} was expelled when it released the record`,
      );
    default:
      return believed(true);
  }
}

/** R21: the log says which world a record belongs to, and the marking has to agree. */
function judgeWorld(_deps: ArrivalDeps, item: ArrivedItem): Judged {
  const { header } = item.signed;
  const origin = parseLogOrigin(header.logOrigin);
  const world = header.marking === undefined ? undefined : worldOf(header.marking.status);
  if (origin === undefined || origin.world !== world)
    return disbelieved(
      Reason.REASON_EXERCISE_MISMATCH,
      'the marking and the log are of different worlds (R21)',
    );
  return believed(true);
}

/** R9: nothing that never leaves a node, and nothing that the kind does not have. */
function judgeFacetNames(_deps: ArrivalDeps, item: ArrivedItem): Judged {
  const { header } = item.signed;
  const row = kindOf(header.kind);
  if (row === undefined)
    return disbelieved(Reason.REASON_UNKNOWN_KIND, `the kind ${header.kind} is not known here`);
  if (row.local)
    return disbelieved(Reason.REASON_POLICY_DENIED, `a ${header.kind} never leaves its node (R9)`);
  for (const name of item.disclosed) {
    const facetClass = facetOf(header.kind, name)?.class;
    // A newer table may have facets that are not known here: they are kept unread, unless by name they never leave.
    if (facetClass === undefined && header.facetTableVersion > row.facetTableVersion) {
      if (!isForbiddenFacet(header.kind, name)) continue;
    }
    if (facetClass === undefined || facetClass === 'X' || facetClass === 'N')
      return disbelieved(Reason.REASON_FORBIDDEN_FACET, `the facet ${name} never leaves its node (R9)`);
  }
  return believed(true);
}

/** R3: another than the originator needs the originator's word, in the marking or in a consent. */
function judgeThirdParty(deps: ArrivalDeps, item: ArrivedItem, atMs: number): Judged {
  const { header } = item.signed;
  if (header.originator === item.sender || ANYBODY_BRINGS.has(header.kind)) return believed(true);
  if (item.consent !== undefined) return judgeConsent(deps.self, item.consent, item, atMs);
  const facts = recordFacts({ signed: item.signed, facets: [] });
  const byGroup =
    facts !== undefined &&
    !facts.control &&
    facts.marking.onward === Onward.ONWARD_GROUP &&
    isReleasable(deps, facts) &&
    !isConditionalOnward(facts);
  return byGroup
    ? believed(true)
    : disbelieved(
        Reason.REASON_THIRD_PARTY_BREACH,
        `the originator let nobody pass it on to ${deps.self} (R3)`,
        { sender: item.sender, originator: header.originator },
      );
}

function judgeConsent(self: string, consent: Consent, item: ArrivedItem, atMs: number): Judged {
  if (!(atMs < consent.expiresMs + CLOCK_SKEW_MS))
    return disbelieved(Reason.REASON_NO_CONSENT, 'the originator’s consent has expired (R3)');
  const beyond = item.disclosed.find((name) => !consent.facets.includes(name));
  if (!consent.to.includes(self) || beyond !== undefined)
    return disbelieved(
      Reason.REASON_THIRD_PARTY_BREACH,
      beyond === undefined
        ? `the originator’s consent does not name ${self} (R3)`
        : `the originator’s consent does not name the facet ${beyond} (R3)`,
    );
  return believed(true);
}

/** R6: H2 asks for consent, whatever the onward rule says. */
const isConditionalOnward = (facts: RecordFacts): boolean =>
  [facts.attributes.handling].flat().includes('H2');

function isReleasable(deps: ArrivalDeps, facts: RecordFacts): boolean {
  const { releasableTo } = facts.marking;
  const own = deps.roster.member(deps.self);
  return (
    releasableTo.includes(deps.self) || (own?.groups.some((group) => releasableTo.includes(group)) ?? false)
  );
}

/** R7: the sender cannot open purposes that the originator's marking does not name. */
function judgeAudience(_deps: ArrivalDeps, item: ArrivedItem): Judged {
  const { marking } = item.signed.header;
  if (marking === undefined)
    return disbelieved(Reason.REASON_MALFORMED, 'expected a header with a marking, got none');
  const beyond = item.audience.purposes.some(
    (purpose) => !marking.purposes.some((named) => named === purpose),
  );
  return beyond && marking.tlp !== Tlp.TLP_CLEAR
    ? disbelieved(
        Reason.REASON_POLICY_DENIED,
        'the audience has a purpose that the marking does not name (R7)',
      )
    : believed(true);
}

/** Baseline and marking, as the originator had to apply them, for what was disclosed. */
function judgeByPolicy(deps: ArrivalDeps, item: ArrivedItem, atMs: number): Judged {
  const member = deps.roster.member(deps.self);
  const disclosed = item.disclosed.map((facet) => ({ facet, salt: NOTHING, body: NOTHING }));
  const facts = recordFacts({ signed: item.signed, facets: disclosed });
  if (facts === undefined || member === undefined)
    return disbelieved(Reason.REASON_RECORD_INVALID, 'a value of the header is not known here');
  const { header, marking } = facts;
  if (!(atMs < Number(header.expires) + CLOCK_SKEW_MS))
    return disbelieved(Reason.REASON_EXPIRED, 'the record has expired (R13)');
  if (atMs < Number(marking.notBefore) - CLOCK_SKEW_MS)
    return disbelieved(Reason.REASON_POLICY_DENIED, 'not before the time that the marking sets (R13)');
  const one = sharingCase({
    facts,
    member,
    atMs,
    self: item.sender,
    consent: item.consent,
    endsDisclosed: true,
    standings: deps.roster.standings,
  });
  // Whom an originator names is its own affair (an impersonated issuer is told unnamed, R12). And a review that became
  // overdue on the way is no fault of the sender: the desk withholds then (R13).
  const direct = header.originator === item.sender;
  const resource = {
    ...one.resource,
    phase: 'current',
    ...(direct && { releasableTo: [...marking.releasableTo, deps.self] }),
  };
  const view = deps.rule({ ...one, resource });
  const refusals = [view.receive, ...item.disclosed.map((name) => view.facets.get(name) ?? view.receive)];
  const refusal = refusals.find(({ ruling }) => !ruling.allowed)?.ruling;
  if (refusal === undefined) return believed(true);
  const reason = refusal.rule === POLICY_ERROR ? Reason.REASON_POLICY_ERROR : Reason.REASON_POLICY_DENIED;
  return disbelieved(reason, `baseline or marking forbid it here (${refusal.rule})`, { rule: refusal.rule });
}
