/**
 * Passing on (design §6, R3): consents of our own records, and, at a node that holds another's record, the request for a
 * consent and the forwarding itself. A forward and the Disclosure that tells the originator are one transaction.
 */
import type { Clock } from '../base/clock.ts';
import {
  type ConsentView,
  type ControlRecord,
  consentsAbout,
  type FanoutRecord,
  type HeldConsent,
  isAbout,
  type PartnerView,
  sentTo,
  worldOfRecord,
} from '../exchange/index.ts';
import { Disclosure } from '../gen/tocsin/record/v1/disclosure.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { Purpose } from '../gen/tocsin/record/v1/marking.ts';
import { Tasking, TaskingType } from '../gen/tocsin/record/v1/tasking.ts';
import { judgeHeader, kindOf, type SignedHeader, TASKING } from '../record/index.ts';
import type { ReadTx, Store, StoredDraft, StoredRecord, WriteTx } from '../store/index.ts';
import { type ConsentTerms, consentContent } from './consent.ts';
import { auditOf } from './context.ts';
import { refuse } from './errors.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Officer, SelfPort } from './ports.ts';

export interface OnwardDeps {
  readonly store: Store;
  readonly policy: () => {
    viewFor(
      record: {
        readonly signed: SignedHeader;
        readonly facets: readonly DisclosedFacet[];
        readonly consent?: ConsentView;
      },
      partner: string,
      atMs: number,
    ): PartnerView;
  };
  readonly exchange: {
    forward(tx: WriteTx, record: FanoutRecord, view: PartnerView): Promise<readonly string[] | undefined>;
    state(tx: WriteTx, record: ControlRecord): Promise<Uint8Array>;
  };
  readonly lifecycle: Pick<Lifecycle, 'create' | 'submit'>;
  readonly self: SelfPort;
  readonly clock: Clock;
}

/** What one recipient would get, and on what ground. */
export interface ForwardView {
  readonly view: PartnerView;
  /** The consent relied on; absent where the marking itself is what permits, or forbids. */
  readonly consent?: HeldConsent;
}

export interface ForwardPreview {
  readonly recipient: string;
  /** Grounds that permit something, the widest first; where none does, the one refusal. */
  readonly grounds: readonly ForwardView[];
  /** Facets that it was sent before; absent where it was not told of the record. */
  readonly sent?: readonly string[];
}

export interface Forwarded {
  readonly recipient: string;
  /** Facets queued now; empty where it had them all. */
  readonly facets: readonly string[];
  /** Header digests of the disclosures that tell the originator. */
  readonly disclosures: readonly Uint8Array[];
}

interface OnRecord {
  readonly officer: Officer;
  readonly headerDigest: Uint8Array;
}

/** Each step is durable and audited when it resolves. Errors: LifecycleError. */
export interface Onward {
  /** Drafts and submits a consent; a second officer releases it. Throws NOT_FOUND, NOT_OWN, SUPERSEDED, INVALID. */
  draftConsent(request: { readonly officer: Officer } & ConsentTerms): Promise<StoredDraft>;
  /** Consents held about a record, own or received, whatever became of them. */
  consentsOn(headerDigest: Uint8Array): Promise<readonly HeldConsent[]>;
  /** Asks the originator of a held record for a consent. The record's header digest of the request. Throws NOT_FORWARDABLE, INVALID. */
  askConsent(
    request: OnRecord & {
      readonly facets: readonly string[];
      readonly to: readonly string[];
      readonly question: string;
      readonly evidence: boolean;
      readonly dueMs: number;
    },
  ): Promise<Uint8Array>;
  /** What each recipient would get now, by which rule. Throws NOT_FORWARDABLE. */
  previewForward(headerDigest: Uint8Array, to: readonly string[]): Promise<readonly ForwardPreview[]>;
  /**
   * Queues a held record for third parties, all or none, and tells the originator of each. Facets absent = all that is
   * permitted. Asked for again it sends what has become permitted since. Throws NOT_FORWARDABLE, NOT_PERMITTED.
   */
  forward(
    request: OnRecord & {
      readonly to: readonly string[];
      readonly facets?: readonly string[];
      /** What may be chosen from: the facets that the officer sees; absent = all that are held. */
      readonly among?: readonly string[];
    },
  ): Promise<readonly Forwarded[]>;
}

export function createOnward(deps: OnwardDeps): Onward {
  return {
    draftConsent: async ({ officer, ...terms }) => {
      const content = await deps.store.read((tx) => consentContent(tx, deps.self, terms));
      const { draft } = await deps.lifecycle.create({ officer, content });
      return deps.lifecycle.submit({ officer, draftId: draft.id });
    },
    consentsOn: (headerDigest) =>
      deps.store.read(async (tx) => {
        const record = await tx.records.byDigest(headerDigest);
        return record === undefined ? [] : consentsAbout(tx, record);
      }),
    askConsent: (request) => askConsent(deps, request),
    previewForward: (headerDigest, to) =>
      deps.store.read(async (tx) => {
        const held = await forwardable(tx, deps.self, headerDigest);
        const previews: ForwardPreview[] = [];
        for (const recipient of to) previews.push(await previewOf(deps, tx, held, recipient));
        return previews;
      }),
    forward: (request) => forward(deps, request),
  };
}

interface Held {
  readonly record: StoredRecord;
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
}

/** A record of another's that this node holds and that is in force. Throws NOT_FORWARDABLE, NOT_FOUND. */
async function forwardable(tx: ReadTx, self: SelfPort, headerDigest: Uint8Array): Promise<Held> {
  const record = await tx.records.byDigest(headerDigest);
  if (!record) throw refuse('NOT_FOUND', 'expected the header digest of a record held here, got another');
  if (record.origin === 'own')
    throw refuse(
      'NOT_FORWARDABLE',
      'expected a record of another originator; one of our own goes out by its marking',
    );
  if (record.state !== 'released' || kindOf(record.kind)?.control !== false)
    throw refuse('NOT_FORWARDABLE', `expected a record in force, this ${record.kind} is ${record.state}`);
  const signed = judgeHeader(self.network, record.header);
  if (!signed.ok) throw new Error(`a stored header does not verify: ${signed.detail}`);
  const facets = (await tx.records.facets(headerDigest)).map(({ facet, salt, body }) => ({
    facet,
    salt: Buffer.from(salt),
    body: Buffer.from(body),
  }));
  return { record, signed: signed.value, facets };
}

async function previewOf(
  deps: OnwardDeps,
  tx: ReadTx,
  held: Held,
  recipient: string,
): Promise<ForwardPreview> {
  const atMs = deps.clock.nowMs();
  const policy = deps.policy();
  const { record, signed, facets } = held;
  const consents = (await consentsAbout(tx, record)).filter(
    (consent) => isAbout(consent, signed) && consent.to.includes(recipient),
  );
  const inForce = consents.filter((consent) => !consent.withdrawn && atMs < consent.expiresMs);
  const bare = { view: policy.viewFor({ signed, facets }, recipient, atMs) };
  const grounds: ForwardView[] = [
    bare,
    ...inForce.map((consent) => ({
      view: policy.viewFor({ signed, facets, consent }, recipient, atMs),
      consent,
    })),
  ];
  const open = grounds
    .filter(({ view }) => view.receive.allowed)
    .sort((a, b) => permittedOf(b.view).length - permittedOf(a.view).length);
  const lapsed = inForce.length === 0 ? consents[0] : undefined;
  const sent = await sentTo(tx, signed.digest, recipient);
  return {
    recipient,
    // A refusal despite a consent is what explains; an expired or withdrawn one explains better than none.
    grounds:
      open.length > 0
        ? open
        : [grounds.at(-1) ?? bare].map((one) => (lapsed ? { ...one, consent: lapsed } : one)),
    ...(sent && { sent: [...sent] }),
  };
}

const permittedOf = (view: PartnerView): string[] =>
  [...view.facets].filter(([, decided]) => decided.allowed).map(([name]) => name);

async function forward(
  deps: OnwardDeps,
  { officer, headerDigest, to, facets: asked, among }: Parameters<Onward['forward']>[0],
): Promise<readonly Forwarded[]> {
  return deps.store.write(async (tx) => {
    const held = await forwardable(tx, deps.self, headerDigest);
    const results: Forwarded[] = [];
    for (const recipient of to) {
      const preview = await previewOf(deps, tx, held, recipient);
      assertPermitted(preview, asked, deps.clock.nowMs());
      results.push(await forwardTo(deps, tx, held, preview, asked ?? among));
    }
    await tx.audit.append(
      results.map(({ recipient, facets }) =>
        auditOf(officer, deps.clock.nowMs(), 'record.forwarded', headerDigest, {
          recipient,
          facets: facets.join(' '),
        }),
      ),
    );
    return results;
  });
}

/** Throws NOT_PERMITTED, naming the rule: before anything is queued for anybody. */
function assertPermitted(
  { recipient, grounds }: ForwardPreview,
  asked: readonly string[] | undefined,
  atMs: number,
): void {
  const [first] = grounds;
  if (!first) throw new TypeError('expected a ground or a refusal');
  const { view, consent } = first;
  if (!view.receive.allowed) {
    const lapsed =
      consent && (consent.withdrawn ? 'was taken back' : atMs >= consent.expiresMs ? 'has expired' : '');
    throw refuse(
      'NOT_PERMITTED',
      `${recipient} may not get it: ${view.receive.reason} (${view.receive.rule})${
        lapsed ? `; the consent for ${recipient} ${lapsed}` : ''
      }; ask the originator with \`record ask-consent\``,
      { facts: { recipient, rule: view.receive.rule } },
    );
  }
  const beyond = asked?.find((name) =>
    grounds.every((ground) => ground.view.facets.get(name)?.allowed !== true),
  );
  if (beyond === undefined) return;
  const decision = view.facets.get(beyond);
  throw refuse(
    'NOT_PERMITTED',
    `${recipient} may not get the facet ${beyond}: ${decision?.reason ?? 'the kind has none of that name'} (${decision?.rule ?? 'R1'})`,
    { facts: { recipient, facet: beyond, rule: decision?.rule ?? 'R1' } },
  );
}

/** One item a ground, the widest first: each carries the one consent that it relies on, and has a disclosure of its own. */
async function forwardTo(
  deps: OnwardDeps,
  tx: WriteTx,
  { record, signed, facets }: Held,
  { recipient, grounds }: ForwardPreview,
  asked: readonly string[] | undefined,
): Promise<Forwarded> {
  const given = new Set<string>();
  const disclosures: Uint8Array[] = [];
  const wanted = facets.filter(({ facet }) => asked === undefined || asked.includes(facet));
  for (const { view, consent } of grounds) {
    const left = wanted.filter(({ facet }) => !given.has(facet) && view.facets.get(facet)?.allowed === true);
    if (disclosures.length > 0 && left.length === 0) continue;
    const queued = await deps.exchange.forward(
      tx,
      { signed, facets: left, ...(consent && { consent: consent.headerDigest }) },
      view,
    );
    if (queued === undefined) continue;
    for (const name of queued) given.add(name);
    const body = Disclosure.encode({
      record: Buffer.from(signed.digest),
      recipient,
      facets: [...queued],
      basis: view.basis,
      consent: Buffer.from(consent?.headerDigest ?? []),
      at: BigInt(deps.clock.nowMs()),
    }).finish();
    disclosures.push(
      await deps.exchange.state(tx, {
        kind: 'disclosure',
        body,
        to: [record.originator],
        exercise: worldOfRecord(record) === 'exercise',
      }),
    );
  }
  return { recipient, facets: [...given], disclosures };
}

async function askConsent(
  deps: OnwardDeps,
  request: Parameters<Onward['askConsent']>[0],
): Promise<Uint8Array> {
  const { officer, headerDigest, facets, to, question, evidence, dueMs } = request;
  return deps.store.write(async (tx) => {
    const { record } = await forwardable(tx, deps.self, headerDigest);
    const row = kindOf(record.kind);
    const unknown = facets.find((name) => row?.facets.every((facet) => facet.name !== name));
    if (unknown !== undefined || facets.length === 0 || to.length === 0)
      throw refuse('INVALID', `expected facets of ${record.kind} and node ids, got ${unknown ?? 'none'}`);
    const body = Tasking.encode({
      type: evidence ? TaskingType.TASKING_TYPE_CONSENT_EVIDENCE : TaskingType.TASKING_TYPE_CONSENT_ONWARD,
      record: Buffer.from(headerDigest),
      recordId: Buffer.from(record.recordId),
      facets: [...facets],
      to: [...to],
      question,
      due: BigInt(dueMs),
      purpose: Purpose.PURPOSE_UNSPECIFIED,
      legalBasis: '',
    }).finish();
    const digest = await deps.exchange.state(tx, {
      kind: TASKING,
      body,
      to: [record.originator],
      deskGroup: officer.deskGroup,
      exercise: worldOfRecord(record) === 'exercise',
    });
    await tx.taskings.noteTasking({ headerDigest: digest, target: headerDigest, due: dueMs });
    await tx.audit.append([
      auditOf(officer, deps.clock.nowMs(), 'consent.asked', headerDigest, {
        to: to.join(' '),
        facets: facets.join(' '),
      }),
    ]);
    return digest;
  });
}
