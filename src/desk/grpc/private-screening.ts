/** ScreeningService, the other part: questions that partners answer without learning what was asked, by two officers. */
import type {
  PrivateScreening,
  PrivateScreenRequest,
  ScreeningServiceDefinition,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import { type AskedQuestion, readQuestion } from '../../lifecycle/index.ts';
import type { Access } from '../access.ts';
import { DeskError } from '../errors.ts';
import type { DeskStore } from '../ports.ts';
import type { PrivateScreeningPort } from '../private-screening-port.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskHandlers } from './handlers.ts';
import { markRead } from './private-duties.ts';
import { RequestFields, readField } from './request.ts';
import { askedTasking } from './taskings.ts';

export interface PrivateScreeningDeps {
  readonly access: Access;
  readonly store: DeskStore;
  /** Undefined where this node does not take part. */
  readonly privateScreening: PrivateScreeningPort | undefined;
}

export type PrivateScreeningHandlers = Pick<
  DeskHandlers<ScreeningServiceDefinition>,
  'privateScreen' | 'decidePrivateScreening' | 'listPrivateScreenings'
>;

/** Names and identifiers of one question, as the folder `screening` takes them. */
const MOST_NAMES = 16;
const NAME_LENGTH = 300;
const IDENTIFIER_LENGTH = 64;
const REFERENCE_LENGTH = 200;
const LEGAL_BASIS_LENGTH = 500;
const SCHEMES = ['document', 'entity', 'imo', 'mmsi', 'icao24', 'aircraft-serial'];
const COUNTRY = /^[A-Z]{2}$/;
const ID = /^[0-9a-f]{32}$/;

export function privateScreeningHandlers({
  access,
  store,
  privateScreening,
}: PrivateScreeningDeps): PrivateScreeningHandlers {
  const taking = (): PrivateScreeningPort => {
    if (privateScreening !== undefined) return privateScreening;
    throw new DeskError({
      code: 'PRIVATE_SCREENING_OFF',
      message:
        'this node does not take part in private screening: its operator names the partners as screening.private in node.yaml, once the governments agreed',
    });
  };
  const by = (session: OfficerSession) => ({
    officer: session,
    audited: (...row: Parameters<Parameters<PrivateScreeningPort['approve']>[0]['audited']>) =>
      access.entry(session, ...row),
  });

  /** What was asked of holders on account of hits, with their answers, which count as read. */
  async function withTaskings(
    screening: PrivateScreening,
    session: OfficerSession,
  ): Promise<PrivateScreening> {
    const hits = screening.answers.flatMap((answer) => answer.hits);
    if (hits.length === 0) return screening;
    const asked = await store.read((tx) =>
      Promise.all(hits.map(({ taskingDigest }) => readQuestion(tx, taskingDigest))),
    );
    const answered = asked.filter((one) => one !== undefined && one.answers.length > 0) as AskedQuestion[];
    if (answered.length > 0) await store.write((tx) => markRead(tx, answered, session, access.nowMs()));
    const byHit = new Map(hits.map((hit, at) => [hit, asked[at]]));
    return {
      ...screening,
      answers: screening.answers.map((answer) => ({
        ...answer,
        hits: answer.hits.map((hit) => {
          const tasking = byHit.get(hit);
          return { ...hit, tasking: tasking && askedTasking(tasking) };
        }),
      })),
    };
  }

  return {
    async privateScreen(request, { session }) {
      await access.require(session, 'screen-private', 'private-screening');
      const port = taking();
      const fields = new RequestFields();
      readQuestionFields(fields, request, port.partners);
      // What the holder of a hit is asked is for one purpose: where none is stated, the desk group's usual one.
      const [usual] = session.purposes;
      const purpose = session.purpose ?? usual;
      if (purpose === undefined)
        fields.fault('purpose', 'REQUIRED', 'expected what it is for, in the metadata');
      fields.done();
      const screening = await port.request({ ...by(session), question: request, purpose: purpose ?? 0 });
      return { screening };
    },

    async decidePrivateScreening(request, { session }) {
      const mayApprove = access.judge(session, 'approve-private').allowed;
      // Who asked may take it back, whatever the role.
      await access.require(session, request.approve ? 'approve-private' : 'screen-private', request.id);
      const port = taking();
      const fields = new RequestFields();
      if (!ID.test(request.id)) fields.fault('id', 'FORM', 'expected 32 hexadecimal digits');
      const note = fields.note('note', request.note).trim();
      if (!request.approve && note === '')
        fields.fault('note', 'REQUIRED', 'expected why it is not approved, in words, got nothing');
      fields.done();
      const decided = { ...by(session), id: request.id, note };
      const screening = request.approve
        ? await port.approve(decided)
        : await port.decline({ ...decided, ownOnly: !mayApprove });
      return { screening: await withTaskings(screening, session) };
    },

    async listPrivateScreenings({ openOnly, pageSize, cursor }, { session }) {
      await access.require(session, ['screen-private', 'read-audit'], 'private-screening');
      const port = taking();
      const limit = readField((fields) => fields.pageSize('page_size', pageSize));
      const everybody = !access.judge(session, 'screen-private').allowed;
      const page = await port.list({
        openOnly,
        limit,
        reader: session.fingerprint,
        ...(everybody ? {} : { deskGroup: session.deskGroup }),
        ...(cursor === '' ? {} : { cursor }),
      });
      await access.audit(session, 'private-screening.listed', 'private-screening', {
        inquiries: page.items.map(({ id }) => id.slice(0, 16)).join(' '),
      });
      const screenings: PrivateScreening[] = [];
      for (const one of page.items) screenings.push(everybody ? one : await withTaskings(one, session));
      return { screenings, nextCursor: page.next ?? '' };
    },
  };
}

function readQuestionFields(
  fields: RequestFields,
  { names, identifiers, partners, reason, reference, question, legalBasis }: PrivateScreenRequest,
  known: readonly string[],
): void {
  for (const [path, list] of [
    ['names', names],
    ['identifiers', identifiers],
  ] as const)
    if (list.length > MOST_NAMES)
      fields.fault(path, 'TOO_MANY', `expected at most ${MOST_NAMES}, got ${list.length}`);
  if (names.length + identifiers.length === 0)
    fields.fault('names', 'REQUIRED', 'expected a name or an identifier, got none');
  for (const [at, name] of names.slice(0, MOST_NAMES).entries())
    fields.text(`names[${at}]`, name, NAME_LENGTH);
  for (const [at, { scheme, country, value }] of identifiers.slice(0, MOST_NAMES).entries()) {
    const path = `identifiers[${at}]`;
    if (!SCHEMES.includes(scheme))
      fields.fault(`${path}.scheme`, 'NOT_KNOWN', `expected one of ${SCHEMES.join(', ')}`);
    if (country !== '' && (scheme !== 'document' || !COUNTRY.test(country)))
      fields.fault(`${path}.country`, 'FORM', 'expected two letters as XA, and of a document alone');
    fields.text(`${path}.value`, value, IDENTIFIER_LENGTH);
  }
  if (new Set(partners).size !== partners.length || partners.length > known.length)
    fields.fault('partners', 'DUPLICATE', `expected each once, of ${known.length} that may be asked`);
  for (const [at, partner] of partners.slice(0, known.length).entries())
    if (!known.includes(partner))
      fields.fault(
        `partners[${at}]`,
        'NOT_ALLOWED',
        `expected a partner of private screening: ${known.join(', ')}`,
      );
  if (fields.note('reason', reason).trim() === '')
    fields.fault('reason', 'REQUIRED', 'expected why it has to be asked, for the second officer');
  fields.text('reference', reference, REFERENCE_LENGTH);
  fields.note('question', question);
  fields.text('legal_basis', legalBasis, LEGAL_BASIS_LENGTH);
}
