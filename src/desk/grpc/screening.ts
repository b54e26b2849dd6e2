/** ScreeningService: names and numbers compared with what this node holds, and what came of it since. */
import { sleep } from '../../base/async.ts';
import { LIMITS } from '../../base/limits.ts';
import {
  ScreenedAgainst,
  type ScreeningServiceDefinition,
  ScreeningVerdict,
  type ScreenStreamRequest,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import { type Access, notFound } from '../access.ts';
import { refuseFaults } from '../errors.ts';
import type { PrivateScreeningPort } from '../private-screening-port.ts';
import type { ScreeningPort, Searcher } from '../screening-port.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskHandlers } from './handlers.ts';
import type { PrivateScreeningHandlers } from './private-screening.ts';
import { RequestFields } from './request.ts';

/** The other three are of `private-screening.ts`. */
type Verbs = Exclude<keyof ScreeningServiceDefinition['methods'], keyof PrivateScreeningHandlers>;

export interface ScreeningDeps {
  readonly access: Access;
  readonly screening: ScreeningPort;
  /** Undefined where this node does not take part. */
  readonly privateScreening: Pick<PrivateScreeningPort, 'partners'> | undefined;
}

const ID_FORM = /^[0-9a-f]{32}$/;
const REASON_LENGTH = 1_000;
const MOST_ROWS = 200;
const ROWS = 50;
/** Questions of a stream that are answered together, if so many are there. */
const TOGETHER = 1_000;

const searcherOf = ({ purpose, ...session }: OfficerSession): Searcher => ({
  ...session,
  ...(purpose === undefined ? {} : { purpose }),
});

export function screeningHandlers({
  access,
  screening,
  privateScreening,
}: ScreeningDeps): Pick<DeskHandlers<ScreeningServiceDefinition>, Verbs> {
  const auditedBy =
    (session: OfficerSession): Parameters<ScreeningPort['ask']>[2] =>
    (action, subject, facts) =>
      access.entry(session, action, subject, facts);
  const mayAsk = (session: OfficerSession) => access.require(session, 'work', 'screening');

  /** Auditors see what anybody asked, and nothing of the entries that were met. */
  async function reader(session: OfficerSession) {
    await access.require(session, ['work', 'read-audit'], 'screenings');
    const exercise = session.world === 'exercise';
    return access.judge(session, 'work').allowed
      ? { whose: { deskGroup: session.deskGroup, exercise }, searcher: searcherOf(session) }
      : { whose: { exercise }, searcher: undefined };
  }

  return {
    async screen({ query, reference, keep }, { session }) {
      await mayAsk(session);
      const asked = await screening.ask(
        searcherOf(session),
        [{ query, reference, keep }],
        auditedBy(session),
      );
      const [result] = asked.results;
      const fault = result?.fault;
      if (fault !== undefined)
        refuseFaults([{ path: fault.field, code: fault.code, message: fault.message }]);
      return { result, against: asked.against };
    },

    async *screenStream(requests, { session, signal, assertStillValid }) {
      await mayAsk(session);
      const batch = screening.newBatch();
      let line = 0;
      let position: bigint | undefined;
      for await (const some of together(requests)) {
        signal.throwIfAborted();
        assertStillValid();
        if (line + some.length > LIMITS.screeningStream) refuseFaults([tooMany(LIMITS.screeningStream)]);
        const { results, against } = await screening.ask(
          searcherOf(session),
          some,
          auditedBy(session),
          batch,
        );
        for (const result of results) {
          line += 1;
          const isNew = against.position !== position;
          position = against.position;
          yield { line, result, against: isNew ? against : undefined };
        }
      }
    },

    async screenBatch({ lines, keep }, { session }) {
      await mayAsk(session);
      if (lines.length > LIMITS.screeningBatch) refuseFaults([tooMany(LIMITS.screeningBatch)]);
      if (lines.length === 0)
        refuseFaults([{ path: 'lines', code: 'REQUIRED', message: 'expected a question, got none' }]);
      const batchId = screening.newBatch();
      const asked = await screening.ask(
        searcherOf(session),
        lines.map((line) => ({ ...line, keep })),
        auditedBy(session),
        batchId,
      );
      return { batchId, results: [...asked.results], against: asked.against };
    },

    async listScreenings(request, { session }) {
      const { whose } = await reader(session);
      const fields = new RequestFields();
      const limit = rows(fields, request.pageSize);
      const { batchId, cursor, hitsOnly, openOnly } = request;
      if (batchId !== '') id(fields, 'batch_id', batchId);
      fields.done();
      const page = await screening.list({
        ...whose,
        hitsOnly,
        openOnly,
        limit,
        ...(batchId === '' ? {} : { batch: batchId }),
        ...(cursor === '' ? {} : { cursor }),
      });
      await access.audit(session, 'screening.listed', 'screenings', { screenings: page.items.length });
      return { screenings: [...page.items], nextCursor: page.next ?? '' };
    },

    async getScreening({ screeningId }, { session }) {
      const { whose, searcher } = await reader(session);
      const fields = new RequestFields();
      id(fields, 'screening_id', screeningId);
      fields.done();
      const found = await screening.get(whose, searcher, screeningId);
      if (found === undefined) throw notFound('screening');
      await access.audit(session, 'screening.read', screeningId, { hits: found.hits.length });
      return { screening: found.screening, hits: [...found.hits], against: found.against };
    },

    async decideHit(request, { session }) {
      await mayAsk(session);
      const fields = new RequestFields();
      const { verdict } = request;
      const screeningId = id(fields, 'screening_id', request.screeningId);
      const reason = fields.text('reason', request.reason.trim(), REASON_LENGTH);
      if (reason === '') fields.fault('reason', 'REQUIRED', 'expected why, in words, got nothing');
      if (![TRUE, FALSE, UNKNOWN].some((known) => known === verdict))
        fields.fault('verdict', 'REQUIRED', 'expected true, false or unknown');
      fields.done();
      const decision = await screening.decide({
        whose: { deskGroup: session.deskGroup, exercise: session.world === 'exercise' },
        screeningId,
        hit: request.hit,
        verdict,
        reason,
        officer: session.fingerprint,
        audited: auditedBy(session),
      });
      if (decision === undefined) throw notFound('hit');
      return { decision };
    },

    async listScreeningAlerts(request, { session }) {
      await mayAsk(session);
      const fields = new RequestFields();
      const limit = rows(fields, request.pageSize);
      fields.done();
      const page = await screening.alerts(searcherOf(session), {
        deskGroup: session.deskGroup,
        exercise: session.world === 'exercise',
        acknowledgedToo: request.acknowledgedToo,
        limit,
        ...(request.cursor === '' ? {} : { cursor: request.cursor }),
      });
      await access.audit(session, 'screening.alerts-listed', 'screenings', { alerts: page.items.length });
      return { alerts: [...page.items], nextCursor: page.next ?? '' };
    },

    async acknowledgeScreeningAlert(request, { session }) {
      await mayAsk(session);
      const fields = new RequestFields();
      const alertId = id(fields, 'alert_id', request.alertId);
      fields.done();
      const whose = { deskGroup: session.deskGroup, exercise: session.world === 'exercise' };
      if (!(await screening.acknowledge(whose, alertId, session.fingerprint, auditedBy(session))))
        throw notFound('alert');
      return {};
    },

    async getScreeningStatus(_request, { session }) {
      await access.require(session, ['work', 'read-audit'], 'screening');
      const { progress, free, schemes, ...status } = await screening.status(searcherOf(session));
      return {
        ...progress,
        ...status,
        against: status.against ?? ScreenedAgainst.fromPartial({}),
        schemes: [...schemes],
        freeThisMinute: free.thisMinute,
        freeToday: free.today,
        privatePartners: access.judge(session, 'screen-private').allowed
          ? [...(privateScreening?.partners ?? [])]
          : [],
      };
    },
  };
}

const {
  SCREENING_VERDICT_TRUE: TRUE,
  SCREENING_VERDICT_FALSE: FALSE,
  SCREENING_VERDICT_UNKNOWN: UNKNOWN,
} = ScreeningVerdict;

const tooMany = (most: number) => ({
  path: 'lines',
  code: 'TOO_MANY',
  message: `expected at most ${most} questions: ask the rest in another call`,
});

function id(fields: RequestFields, path: string, text: string): string {
  if (!ID_FORM.test(text)) fields.fault(path, 'FORM', 'expected 32 hexadecimal digits');
  return text;
}

function rows(fields: RequestFields, size: number): number {
  if (size > MOST_ROWS) fields.fault('page_size', 'TOO_LARGE', `expected at most ${MOST_ROWS}`);
  return size === 0 ? ROWS : size;
}

/** A client that sends on and on has its next question here within this. */
const NEXT_MS = 3;
const nothingYet = () => sleep(NEXT_MS).then(() => undefined);

/** What came already, in portions: one question waits for no second, and many share one look at the store. */
async function* together(
  requests: AsyncIterable<ScreenStreamRequest>,
): AsyncGenerator<ScreenStreamRequest[]> {
  const reading = requests[Symbol.asyncIterator]();
  const next = () => {
    const coming = reading.next();
    // It fails while a portion is answered, and is thrown when its turn comes.
    coming.catch(() => undefined);
    return coming;
  };
  let pending = next();
  for (;;) {
    const first = await pending;
    if (first.done) return;
    const some = [first.value];
    pending = next();
    while (some.length < TOGETHER) {
      const ready = await Promise.race([pending, nothingYet()]);
      if (ready === undefined || ready.done) break;
      some.push(ready.value);
      pending = next();
    }
    yield some;
  }
}
