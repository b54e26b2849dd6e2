/**
 * A record passed on without a right to (R3): the forwarder's own signed line against the originator's signed marking. A line
 * that names no consent claims the marking as its right, so a consent that may exist beside it excuses nothing; a line that names
 * one is judged by that very record, which the file has to hold.
 */
import { equalBytes } from '../../base/bytes.ts';
import { CLOCK_SKEW_MS } from '../../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../../base/verdict.ts';
import type { ThirdPartyBreach } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import { ItemAction, type ManifestItem, type ParcelItem } from '../../gen/tocsin/exchange/v1/parcel.ts';
import { Handling, Onward } from '../../gen/tocsin/record/v1/marking.ts';
import { ConsentUse, OnwardConsent } from '../../gen/tocsin/record/v1/onward_consent.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import {
  CONSENT,
  isForbiddenFacet,
  judgeFacets,
  kindOf,
  type SignedHeader,
  sha256,
} from '../../record/index.ts';
import { malformed, rosterAt } from '../evidence-part.ts';
import { type JudgedManifest, judgeSignedManifest } from './manifest-fork.ts';
import { judgeProven } from './record-fork.ts';
import type { Conviction, MisconductTrust } from './trust.ts';

/** Others bring these by right: a recall reaches every holder, a consent is the proof of a forwarded item. */
const ANYBODY_BRINGS: ReadonlySet<string> = new Set(['recall', CONSENT]);

const innocent = (detail: string) => disbelieved(Reason.REASON_PROOF_INVALID, detail);

export function judgeThirdPartyBreach(
  trust: MisconductTrust,
  breach: ThirdPartyBreach,
): Verdict<Conviction, Reason> {
  const manifest = judgeSignedManifest(trust, breach.manifest, breach.signature);
  if (!manifest.ok) return manifest;
  const { sender, recipient, items } = manifest.value.manifest;
  const line = items[breach.line];
  if (!line || !breach.item) return malformed('expected the item of a line of the manifest');
  if (line.action !== ItemAction.ITEM_ACTION_RECORD && line.action !== ItemAction.ITEM_ACTION_FACETS)
    return innocent('the line passes nothing on');
  const proven = judgeProven(trust, { header: breach.item.header, inclusion: breach.item.inclusion });
  if (!proven.ok) return proven;
  const { signed } = proven.value;
  if (!equalBytes(signed.digest, line.headerDigest))
    return innocent('the line lists another record than the file shows');
  const { originator, kind } = signed.header;
  if (originator === sender) return innocent('its originator sent it');
  const what = (why: string) =>
    believed({
      culprits: [sender],
      what: `passed ${kind} ${hexOf(signed)} of ${originator} on to ${recipient}: ${why}`,
      at: manifest.value.atMs,
    });
  const forbidden = line.facets.find((name) => isForbiddenFacet(kind, name));
  if (forbidden !== undefined) return what(`its facet ${forbidden} never leaves a node`);
  if (ANYBODY_BRINGS.has(kind)) return innocent(`anybody may bring a ${kind}`);
  if (line.consent.length === 0)
    return isPermittedByMarking(trust, signed, recipient, manifest.value.atMs)
      ? innocent('the marking lets it be passed on to this recipient')
      : what('its marking lets nobody pass it on there, and the manifest names no consent');
  return judgeNamedConsent(trust, breach.consents, {
    line,
    signed,
    recipient,
    manifest: manifest.value,
    what,
  });
}

const hexOf = ({ digest }: SignedHeader): string => Buffer.from(digest).toString('hex').slice(0, 16);

/** R3, R6, R11: to members of the releasable groups, where H2 does not ask for consent. */
function isPermittedByMarking(
  { rosters }: MisconductTrust,
  { header }: SignedHeader,
  recipient: string,
  atMs: number,
): boolean {
  const { marking } = header;
  if (marking?.onward !== Onward.ONWARD_GROUP || kindOf(header.kind)?.control !== false) return false;
  if (marking.handling.includes(Handling.HANDLING_H2)) return false;
  // In doubt for the forwarder: any roster up to the deed by which the recipient was releasable.
  const upTo = rosterAt(rosters, atMs)?.version;
  const groups = rosters
    .filter(({ version }) => upTo === undefined || version <= upTo)
    .flatMap((roster) => roster.member(recipient)?.groups ?? []);
  return marking.releasableTo.some((name) => name === recipient || groups.includes(name));
}

interface Named {
  readonly line: ManifestItem;
  readonly signed: SignedHeader;
  readonly recipient: string;
  readonly manifest: JudgedManifest;
  readonly what: (why: string) => Verdict<Conviction, Reason>;
}

function judgeNamedConsent(
  trust: MisconductTrust,
  consents: readonly ParcelItem[],
  { line, signed, recipient, manifest, what }: Named,
): Verdict<Conviction, Reason> {
  const item = consents.find(({ header }) => equalBytes(sha256(header), line.consent));
  // Whoever made the file might have left it out: then it convicts nobody.
  if (!item)
    return disbelieved(Reason.REASON_NO_CONSENT, 'the manifest names a consent that the file does not hold');
  const proven = judgeProven(trust, { header: item.header, inclusion: item.inclusion });
  if (!proven.ok) return proven;
  const facets = judgeFacets(proven.value.signed, item.facets);
  if (!facets.ok) return facets;
  const { header } = proven.value.signed;
  if (header.kind !== CONSENT || header.originator !== signed.header.originator)
    return what('the consent that it names is none of its originator');
  const name = kindOf(CONSENT)?.facets[0]?.name;
  const body = item.facets.find(({ facet }) => facet === name)?.body;
  if (body === undefined) return malformed('expected the facet of the consent');
  const consent = OnwardConsent.decode(body);
  if (!equalBytes(consent.record, signed.digest) || consent.use === ConsentUse.CONSENT_USE_EVIDENCE)
    return what('the consent that it names is about something else');
  if (!consent.to.includes(recipient)) return what('the consent that it names does not name the recipient');
  const beyond = line.facets.find((facet) => !consent.facets.includes(facet));
  if (beyond !== undefined) return what(`the consent that it names does not name the facet ${beyond}`);
  return manifest.atMs > Number(consent.expires) + CLOCK_SKEW_MS
    ? what('the consent that it names had expired')
    : innocent('the consent that it names covers it');
}
