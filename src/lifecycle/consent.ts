/**
 * Consent of this node, as originator, to pass a record on or to use it as evidence: drafted like any record, released by a
 * second officer, sent to who forwards. Here stands what it may be about.
 */
import { base64, hex } from '../base/bytes.ts';
import type { FieldFault } from '../base/error.ts';
import { worldOfRecord } from '../exchange/index.ts';
import { Tlp } from '../gen/tocsin/record/v1/marking.ts';
import { OnwardConsent } from '../gen/tocsin/record/v1/onward_consent.ts';
import { CONSENT, isForbiddenFacet, judgeHeader, kindOf, type RecordContent } from '../record/index.ts';
import type { OutboxState, ReadTx, StoredRecord } from '../store/index.ts';
import { refuse } from './errors.ts';
import type { SelfPort } from './ports.ts';

/** What an officer permits. */
export interface ConsentTerms {
  /** Header digest of an own record in force. */
  readonly headerDigest: Uint8Array;
  readonly facets: readonly string[];
  /** Node ids that may receive the facets; with `evidence`, that may use what they hold. */
  readonly to: readonly string[];
  /** Node ids that may pass on; absent = every holder. */
  readonly via?: readonly string[];
  readonly conditions: readonly string[];
  /** Milliseconds UTC. */
  readonly expiresMs: number;
  readonly evidence: boolean;
}

const NOT_HELD: ReadonlySet<OutboxState> = new Set(['refused', 'withdrawn', 'skipped']);

/** Nodes that hold a record of ours by direct delivery, or are about to. */
export async function directHolders(tx: ReadTx, headerDigest: Uint8Array): Promise<readonly string[]> {
  const rows = await tx.outbox.ofRecord(headerDigest);
  return [...new Set(rows.filter(({ state }) => !NOT_HELD.has(state)).map(({ recipient }) => recipient))];
}

/** The record that a consent may be about: our own, in force. Throws NOT_FOUND, NOT_OWN, SUPERSEDED. */
async function consentable(tx: ReadTx, self: SelfPort, headerDigest: Uint8Array): Promise<StoredRecord> {
  const record = await tx.records.byDigest(headerDigest);
  if (!record) throw refuse('NOT_FOUND', 'expected the header digest of a record of this node, got another');
  if (record.origin !== 'own')
    throw refuse('NOT_OWN', `expected a record of ${self.node}; only its originator consents (R2)`);
  if (record.state !== 'released')
    throw refuse('SUPERSEDED', `expected a record in force, this one is ${record.state}`);
  return record;
}

/** The consent's content as an officer's JSON, addressed to who forwards and to who receives. Throws as `consentable`, INVALID. */
export async function consentContent(tx: ReadTx, self: SelfPort, terms: ConsentTerms): Promise<unknown> {
  const record = await consentable(tx, self, terms.headerDigest);
  const holders = await directHolders(tx, terms.headerDigest);
  const forwarders = terms.evidence
    ? []
    : (terms.via ?? holders).filter((node) => holders.includes(node) && !terms.to.includes(node));
  if (!terms.evidence && forwarders.length === 0)
    throw invalid([
      {
        path: 'via',
        code: 'NOBODY_HOLDS_IT',
        message: 'expected a node that holds the record and can pass it on; send it there first',
      },
    ]);
  const judged = judgeHeader(self.network, record.header);
  if (!judged.ok) throw new Error(`a header of our own does not verify: ${judged.detail}`);
  const tlp = judged.value.header.marking?.tlp ?? Tlp.TLP_AMBER;
  return {
    kind: CONSENT,
    marking: {
      releasableTo: [...new Set([...forwarders, ...terms.to])],
      // A consent says of the record who gets it: it stays as close as the record itself.
      ...(tlp >= Tlp.TLP_AMBER_STRICT && { tlp: tlp === Tlp.TLP_RED ? 'red' : 'amber-strict' }),
      ...(worldOfRecord(record) === 'exercise' && { status: 'exercise' }),
    },
    facets: {
      [CONSENT]: {
        record: base64(record.headerDigest),
        recordId: base64(record.recordId),
        facets: [...terms.facets],
        to: [...terms.to],
        conditions: [...terms.conditions],
        expires: new Date(terms.expiresMs).toISOString(),
        ...(terms.evidence && { use: 'evidence' }),
      },
    },
  };
}

const invalid = (faults: readonly FieldFault[]) =>
  refuse(
    'INVALID',
    `expected a consent that can be used, got faults in ${faults.map(({ path }) => path).join(', ')}`,
    {
      faults,
    },
  );

/** Judges a consent about to be released against what this node holds. Nothing for other kinds. Throws as `consentable`, INVALID. */
export async function checkConsent(tx: ReadTx, self: SelfPort, content: RecordContent): Promise<void> {
  const consent = consentOf(content);
  if (!consent) return;
  const record = await consentable(tx, self, consent.record);
  const path = `facets.${CONSENT}`;
  const faults: FieldFault[] = [];
  if (hex(consent.recordId) !== hex(record.recordId))
    faults.push({
      path: `${path}.recordId`,
      code: 'OTHER_RECORD',
      message: 'expected the id of the record named',
    });
  const row = kindOf(record.kind);
  if (row === undefined || row.control || row.local)
    faults.push({ path: `${path}.record`, code: 'NOT_SHARED', message: `a ${record.kind} is not passed on` });
  consent.facets.forEach((name, index) => {
    if (row?.facets.every((facet) => facet.name !== name))
      faults.push({
        path: `${path}.facets[${index}]`,
        code: 'UNKNOWN_FACET',
        message: `expected a facet of ${record.kind}`,
      });
    else if (isForbiddenFacet(record.kind, name))
      faults.push({
        path: `${path}.facets[${index}]`,
        code: 'R9',
        message: 'expected no facet that never leaves its node (R9)',
      });
  });
  if (consent.to.includes(self.node))
    faults.push({ path: `${path}.to`, code: 'SELF', message: 'expected other nodes than the originator' });
  if (Number(consent.expires) > record.expires)
    faults.push({
      path: `${path}.expires`,
      code: 'RETENTION',
      message: 'expected an end before the record itself expires',
    });
  if (faults.length > 0) throw invalid(faults);
}

/** What the content of that kind says; undefined for other kinds. */
export function consentOf(content: Pick<RecordContent, 'kind' | 'facets'>): OnwardConsent | undefined {
  const body = content.kind === CONSENT ? content.facets[CONSENT] : undefined;
  return body && OnwardConsent.decode(body);
}
