/**
 * One valid call of every method of the desk's services, with what has to be there before it: for tests that ask something of each of them.
 */
import { utf8 } from '../../src/base/bytes.ts';
import { type Desk, uploadFile } from '../../src/desk/index.ts';
import { ScreeningVerdict } from '../../src/gen/tocsin/desk/v1/screening_service.ts';
import { Misconduct } from '../../src/gen/tocsin/exchange/v1/misconduct.ts';
import { AnswerOutcome } from '../../src/gen/tocsin/record/v1/answer.ts';
import { BreakGlassVerdict } from '../../src/gen/tocsin/record/v1/break_glass.ts';
import { DeskGroup, Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import { RecallReason } from '../../src/gen/tocsin/record/v1/recall.ts';
import { SensitivityClass } from '../../src/gen/tocsin/record/v1/shared_facets.ts';
import { TaskingType } from '../../src/gen/tocsin/record/v1/tasking.ts';
import { logSigner } from '../../src/ledger/log-signer.ts';
import { leafHash } from '../../src/merkle/index.ts';
import { registry } from '../../src/record/descriptor.ts';
import { clock, type World } from '../unit/desk/desk-world.ts';
import { exampleContent } from './contents.ts';

export type DeskName =
  | 'officer'
  | 'releaser'
  | 'operator'
  | 'scrubber'
  | 'border'
  | 'auditor'
  | 'administrator'
  | 'second';

export interface Call {
  /** Who may make it. */
  readonly by: DeskName;
  /** Prepares with the desk of `by`, and gives the call itself, for whichever desk then makes it. */
  readonly call: (desk: Desk) => Promise<(caller: Desk) => Promise<unknown>>;
}

/** Officers of one desk group and of its neighbours. */
export async function openDesks(world: World): Promise<Readonly<Record<DeskName, Desk>>> {
  const open = async (
    deskGroup: 'customs' | 'border' | 'hotline',
    role: Parameters<World['officer']>[1],
    name?: string,
  ) => world.as(await world.officer(deskGroup, role, name));
  return {
    officer: await open('customs', 'officer'),
    releaser: await open('customs', 'releaser'),
    border: await open('border', 'officer'),
    operator: await open('hotline', 'operator'),
    scrubber: await open('hotline', 'operator'),
    auditor: await open('customs', 'auditor'),
    administrator: await open('customs', 'administrator'),
    second: await open('customs', 'administrator', 'Second'),
  };
}

type Named = Readonly<Record<string, object>>;

/** Every method of the package, as the proto files have it: `Service/Method`. */
export const DESK_METHODS: readonly string[] = [...registry()]
  .filter((type) => type.kind === 'service' && type.typeName.startsWith('tocsin.desk.v1.'))
  .flatMap((type) =>
    type.kind === 'service' ? type.methods.map((method) => `${type.name}/${method.name}`) : [],
  );

async function all(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

const as = (by: Call['by'], call: Call['call']): Call => ({ by, call });
const POLICY =
  '@id("N1") @reason("none")\nforbid (principal, action == Action::"receive", resource) when { false };';
const TEXT = utf8('Forty rifles, four crates.');

/** By `Service/Method`. */
export function callsOf(
  world: World,
  desks: Readonly<Record<DeskName, Desk>>,
): Readonly<Record<string, Call>> {
  const content = (marking: object = {}, kind = 'seizure-notice') => {
    const example = exampleContent(kind, clock.nowMs()) as Record<string, object>;
    return {
      ...example,
      deskGroup: 'customs',
      marking: { ...example.marking, releasableTo: ['sac'], ...marking },
    };
  };

  let ships = 0;

  /** A question that an own record answers. */
  async function screened(): Promise<string> {
    await own();
    const { result } = await desks.officer.screening.screen({ query: { name: 'Sable Heron' } });
    return result?.screeningId ?? '';
  }

  const privately = (desk: Desk) =>
    desk.screening.privateScreen({
      names: ['Borgatil Ostrog Venskadze'],
      reason: 'a licence is applied for in this name',
    });

  let invited = 0;

  const someone = () => ({
    name: `Invited ${++invited}`,
    agency: 'Arvenia Customs',
    deskGroup: DeskGroup.DESK_GROUP_CUSTOMS,
    role: 'officer',
  });

  async function draft(submit = false): Promise<string> {
    const { draft: made } = await desks.officer.records.createDraft({
      contentJson: JSON.stringify(content()),
    });
    const draftId = made?.id ?? '';
    if (submit) await desks.officer.records.submitDraft({ draftId });
    return draftId;
  }

  async function own(marking: object = {}): Promise<Uint8Array> {
    return world.release(world.xa, content(marking));
  }

  async function partners(marking: object = {}): Promise<Uint8Array> {
    const digest = await world.release(world.xb, content(marking));
    await world.deliver(digest);
    return digest;
  }

  async function opening(): Promise<Uint8Array> {
    const headerDigest = await own({ tlp: 'amber-strict' });
    const answer = await desks.border.breakGlass.openFacets({
      headerDigest,
      facets: ['route'],
      reason: 'the ship sails within the hour',
    });
    return answer.opening?.opening ?? new Uint8Array();
  }

  async function consent(): Promise<Uint8Array> {
    const { draft: made } = await desks.officer.onward.draftConsent({
      headerDigest: await own({ onward: 'consent' }),
      facets: ['summary'],
      to: ['XC'],
      expires: BigInt(clock.nowMs() + 86_400_000),
    });
    const { record } = await desks.releaser.records.releaseDraft({ draftId: made?.id ?? '' });
    return record?.headerDigest ?? new Uint8Array();
  }

  async function position(): Promise<bigint> {
    await partners();
    for await (const { entry } of desks.officer.inbox.watchInbox({}))
      if (entry?.$case === 'item') return entry.value.position;
    throw new Error('expected an item in the inbox');
  }

  async function flash(): Promise<Uint8Array> {
    const headerDigest = await own();
    await world.xa.temporary.store.write((tx) =>
      tx.duties.owe({
        headerDigest,
        releaser: 'other',
        releasedAt: clock.nowMs(),
        dueAt: clock.nowMs() + 86_400_000,
      }),
    );
    return headerDigest;
  }

  let proposals = 0;

  async function proposed(): Promise<string> {
    const { digest } = await desks.administrator.policy.getPolicy({});
    const { proposal } = await desks.administrator.policy.proposePolicy({
      policy: `${POLICY}\n// ${++proposals}\n`,
      reason: 'as the board decided',
      base: digest,
    });
    return proposal?.id ?? '';
  }

  /** Number of an alarm whose file convicts XB: two roots of its log for one size. */
  async function convicting(): Promise<bigint> {
    const { federation, xa } = world;
    const { keyring, statement, signedStatement } = federation.of('XB');
    const origin = statement.statement.logOrigin;
    const note = async (text: string) => {
      const checkpoint = { origin, size: 1n, root: leafHash(utf8(text)) };
      return Buffer.from(
        await logSigner(keyring, 'live', origin)(checkpoint, BigInt(Math.floor(clock.nowMs() / 1_000))),
      );
    };
    const evidence = Misconduct.encode({
      format: 1,
      network: Buffer.from(federation.network),
      rosterHistory: federation.history,
      statements: [signedStatement],
      noticedBy: 'XA',
      noticedAt: BigInt(clock.nowMs()),
      deed: {
        $case: 'logFork',
        value: {
          noteA: await note('one'),
          noteB: await note('another'),
          rootBAtA: Buffer.alloc(0),
          proof: [],
        },
      },
    }).finish();
    const { store } = xa.temporary;
    await store.write((tx) =>
      tx.alarms.raise({
        at: clock.nowMs(),
        code: 'LOG_FORK',
        subject: origin,
        detail: 'two roots',
        evidence,
      }),
    );
    const { items } = await store.read((tx) => tx.alarms.list({ limit: 1, open: true, code: 'LOG_FORK' }));
    return items[0]?.id ?? 0n;
  }

  let uploads = 0;

  const upload = (caller: Desk, draftId: string) => {
    uploads += 1;
    return uploadFile(caller, {
      draftId,
      uploadId: `upload-${uploads}`,
      bytes: TEXT.length,
      caption: 'list',
      class: SensitivityClass.SENSITIVITY_CLASS_OPERATIONAL,
      redacted: false,
      read: async function* (from: number) {
        yield TEXT.subarray(from);
      },
    });
  };

  return {
    'RecordService/CreateDraft': as(
      'officer',
      async () => (desk) => desk.records.createDraft({ contentJson: JSON.stringify(content()) }),
    ),
    'RecordService/UpdateDraft': as('officer', async () => {
      const draftId = await draft();
      return (desk) => desk.records.updateDraft({ draftId, contentJson: JSON.stringify(content()) });
    }),
    'RecordService/DiscardDraft': as('officer', async () => {
      const draftId = await draft();
      return (desk) => desk.records.discardDraft({ draftId });
    }),
    'RecordService/SubmitDraft': as('officer', async () => {
      const draftId = await draft();
      return (desk) => desk.records.submitDraft({ draftId });
    }),
    'RecordService/SendBackDraft': as('releaser', async () => {
      const draftId = await draft(true);
      return (desk) => desk.records.sendBackDraft({ draftId, note: 'the date is missing' });
    }),
    'RecordService/ReleaseDraft': as('releaser', async () => {
      const draftId = await draft(true);
      return (desk) => desk.records.releaseDraft({ draftId });
    }),
    'RecordService/ReleaseDrafts': as('releaser', async () => {
      const draftIds = [await draft(true)];
      return async (desk) => {
        for await (const { refusalCode, refusalDetail } of desk.records.releaseDrafts({ draftIds }))
          if (refusalCode !== '') throw Object.assign(new Error(refusalDetail), { code: refusalCode });
      };
    }),
    'RecordService/ReviseRecord': as('officer', async () => {
      const headerDigest = await own();
      return (desk) => desk.records.reviseRecord({ headerDigest });
    }),
    'RecordService/CountersignRecord': as('releaser', async () => {
      const headerDigest = await flash();
      return (desk) => desk.records.countersignRecord({ headerDigest });
    }),
    'RecordService/GetDraft': as('officer', async () => {
      const draftId = await draft();
      return (desk) => desk.records.getDraft({ draftId });
    }),
    'RecordService/ListDrafts': as('officer', async () => (desk) => desk.records.listDrafts({})),
    'RecordService/ListRecords': as('officer', async () => (desk) => desk.records.listRecords({})),
    'RecordService/GetRecord': as('officer', async () => {
      const headerDigest = await own();
      return (desk) => desk.records.getRecord({ headerDigest });
    }),
    'RecordService/AcceptConditions': as('releaser', async () => {
      const condition = 'call XB before boarding';
      const headerDigest = await partners({ handling: ['h3'], condition });
      return (desk) => desk.records.acceptConditions({ headerDigest, condition });
    }),
    'RecordService/ExportEvidence': as('officer', async () => {
      const headerDigest = await own();
      return (desk) => all(desk.records.exportEvidence({ headerDigest }));
    }),
    'PolicyService/PreviewDraft': as('officer', async () => {
      const draftId = await draft();
      return (desk) => desk.policy.previewDraft({ draftId });
    }),
    'PolicyService/PreviewRecord': as('officer', async () => {
      const headerDigest = await own();
      return (desk) => desk.policy.previewRecord({ headerDigest });
    }),
    'PolicyService/Explain': as('officer', async () => {
      const headerDigest = await own();
      return (desk) => desk.policy.explain({ headerDigest, partner: 'XB' });
    }),
    'PolicyService/CheckPolicy': as(
      'administrator',
      async () => (desk) => desk.policy.checkPolicy({ policy: POLICY }),
    ),
    'PolicyService/DiffPolicy': as(
      'administrator',
      async () => (desk) => all(desk.policy.diffPolicy({ newPolicy: POLICY })),
    ),
    'PolicyService/GetPolicy': as('auditor', async () => (desk) => desk.policy.getPolicy({})),
    'PolicyService/ProposePolicy': as('administrator', async (desk) => {
      const { digest } = await desk.policy.getPolicy({});
      return (desk) =>
        desk.policy.proposePolicy({ policy: POLICY, reason: 'as the board decided', base: digest });
    }),
    'PolicyService/ListPolicyProposals': as(
      'auditor',
      async () => (desk) => desk.policy.listPolicyProposals({}),
    ),
    'PolicyService/GetPolicyProposal': as('auditor', async () => {
      const id = await proposed();
      return (desk) => desk.policy.getPolicyProposal({ id });
    }),
    'PolicyService/AdoptPolicy': as('second', async () => {
      const id = await proposed();
      return (desk) => desk.policy.adoptPolicy({ id });
    }),
    'PolicyService/WithdrawPolicy': as('second', async () => {
      const id = await proposed();
      return (desk) => desk.policy.withdrawPolicy({ id });
    }),
    'InboxService/WatchInbox': as(
      'officer',
      async () => (desk) => all(desk.inbox.watchInbox({ afterPosition: 1_000_000n })),
    ),
    'InboxService/AcknowledgeItem': as('officer', async () => {
      const at = await position();
      return (desk) => desk.inbox.acknowledgeItem({ position: at });
    }),
    'NetworkService/GetNodeStatus': as('border', async () => (desk) => desk.network.getNodeStatus({})),
    'NetworkService/ListLinks': as('officer', async () => (desk) => desk.network.listLinks({})),
    'NetworkService/TestLink': as('officer', async () => (desk) => desk.network.testLink({ partner: 'XB' })),
    'NetworkService/GetRoster': as('officer', async () => (desk) => desk.network.getRoster({})),
    'LogService/GetLog': as('officer', async () => (desk) => desk.log.getLog({})),
    'LogService/GetCheckpoint': as('officer', async () => {
      await own();
      return (desk) => desk.log.getCheckpoint({});
    }),
    'LogService/ProveRecord': as('officer', async () => {
      const headerDigest = await own();
      return (desk) => desk.log.proveRecord({ headerDigest });
    }),
    'OnwardService/DraftConsent': as('officer', async () => {
      const headerDigest = await own({ onward: 'consent' });
      return (desk) =>
        desk.onward.draftConsent({
          headerDigest,
          facets: ['summary'],
          to: ['XC'],
          expires: BigInt(clock.nowMs() + 86_400_000),
        });
    }),
    'OnwardService/ListConsents': as('officer', async () => {
      const headerDigest = await own();
      return (desk) => desk.onward.listConsents({ headerDigest });
    }),
    'OnwardService/AskConsent': as('officer', async () => {
      const headerDigest = await partners();
      return (desk) =>
        desk.onward.askConsent({
          headerDigest,
          facets: ['summary'],
          to: ['XC'],
          question: 'XC made these rifles',
          due: BigInt(clock.nowMs() + 86_400_000),
        });
    }),
    'OnwardService/PreviewForward': as('releaser', async () => {
      const headerDigest = await partners();
      return (desk) => desk.onward.previewForward({ headerDigest, to: ['XC'] });
    }),
    'OnwardService/Forward': as('releaser', async () => {
      const headerDigest = await partners({ onward: 'group' });
      return (desk) => desk.onward.forward({ headerDigest, to: ['XC'] });
    }),
    'OnwardService/ListReadings': as('officer', async () => {
      const headerDigest = await own();
      return (desk) => desk.onward.listReadings({ headerDigest });
    }),
    'TaskingService/AskOriginator': as('officer', async () => {
      const headerDigest = await partners();
      return (desk) =>
        desk.tasking.askOriginator({
          headerDigest,
          type: TaskingType.TASKING_TYPE_VERIFY_HIT,
          question: 'Is it the one with the welded frame?',
          purpose: Purpose.PURPOSE_CUSTOMS_CONTROL,
        });
    }),
    'TaskingService/AnswerTasking': as('officer', async () => {
      const taskingDigest = Buffer.from(
        await world.askFromXb(await own(), 'Is it the one with the welded frame?'),
      );
      return (desk) =>
        desk.tasking.answerTasking({ taskingDigest, outcome: AnswerOutcome.ANSWER_OUTCOME_NEGATIVE });
    }),
    'TaskingService/ListTaskings': as('officer', async () => {
      const headerDigest = await partners();
      return (desk) => desk.tasking.listTaskings({ headerDigest });
    }),
    'RecallService/Recall': as('releaser', async () => {
      const headerDigest = await own();
      return (desk) => desk.recalls.recall({ headerDigest, reason: RecallReason.RECALL_REASON_ERROR });
    }),
    'RecallService/WithdrawConsent': as('releaser', async () => {
      const headerDigest = await consent();
      return (desk) =>
        desk.recalls.withdrawConsent({ headerDigest, reason: RecallReason.RECALL_REASON_ERROR });
    }),
    'RecallService/ListHolders': as('releaser', async () => {
      const headerDigest = await own();
      return (desk) => desk.recalls.listHolders({ headerDigest });
    }),
    'BreakGlassService/OpenFacets': as('border', async () => {
      const headerDigest = await own({ tlp: 'amber-strict' });
      return (desk) => desk.breakGlass.openFacets({ headerDigest, reason: 'the ship sails within the hour' });
    }),
    'BreakGlassService/ListOpenings': as('auditor', async () => (desk) => desk.breakGlass.listOpenings({})),
    'BreakGlassService/ReviewOpening': as('releaser', async () => {
      const digest = await opening();
      return (desk) =>
        desk.breakGlass.reviewOpening({
          opening: digest,
          verdict: BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED,
          note: 'the ship was stopped',
        });
    }),
    'AttachmentService/UploadAttachment': as('officer', async () => {
      const draftId = await draft();
      return (desk) => upload(desk, draftId);
    }),
    'AttachmentService/DescribeAttachment': as('officer', async () => {
      const draftId = await draft();
      const { sha256 } = await upload(desks.officer, draftId);
      return (desk) => desk.attachments.describeAttachment({ draftId, sha256, caption: 'a list of serials' });
    }),
    'AttachmentService/ListAttachments': as('officer', async () => {
      const draftId = await draft();
      return (desk) => desk.attachments.listAttachments({ draftId });
    }),
    'AttachmentService/DownloadAttachment': as('officer', async () => {
      const draftId = await draft();
      const { sha256 } = await upload(desks.officer, draftId);
      return (desk) => all(desk.attachments.downloadAttachment({ draftId, sha256 }));
    }),
    'AlarmService/ListAlarms': as('officer', async () => (desk) => desk.alarms.listAlarms({})),
    'AlarmService/ExportAlarm': as('officer', async () => {
      const id = await convicting();
      return (desk) => desk.alarms.exportAlarm({ id });
    }),
    'RevisionService/CompareRevisions': as('officer', async (desk) => {
      const { draft: next } = await desk.records.reviseRecord({ headerDigest: await own() });
      const draftId = next?.id ?? '';
      await desk.records.submitDraft({ draftId });
      const { record } = await desks.releaser.records.releaseDraft({ draftId });
      return (desk) =>
        desk.revisions.compareRevisions({ headerDigest: record?.headerDigest ?? new Uint8Array() });
    }),
    'BoardService/ListBoard': as('officer', async () => (desk) => desk.board.listBoard({})),
    'BoardService/ListDuties': as('releaser', async () => (desk) => desk.board.listDuties({})),
    'PolicyService/CheckContent': as(
      'officer',
      async () => (desk) => desk.policy.checkContent({ contentJson: JSON.stringify(content()) }),
    ),
    'HotlineService/ListReports': as('operator', async () => (desk) => desk.hotline.listReports({})),
    'HotlineService/ScrubReport': as('scrubber', async () => {
      const contentJson = JSON.stringify(exampleContent('hotline-report', clock.nowMs()));
      const { draft: taken } = await desks.operator.records.createDraft({ contentJson });
      const draftId = taken?.id ?? '';
      await desks.operator.records.submitDraft({ draftId });
      const { source: _kept, ...facets } = JSON.parse(contentJson).facets;
      const clean = JSON.stringify({ ...JSON.parse(contentJson), facets });
      return (desk) => desk.hotline.scrubReport({ draftId, contentJson: clean });
    }),
    'HotlineService/ExportWarning': as('officer', async () => {
      const headerDigest = await world.release(world.xa, content({}, 'warning'));
      return (desk) => desk.hotline.exportWarning({ headerDigest });
    }),
    'OfficerService/ListOfficers': as('administrator', async () => (desk) => desk.officers.listOfficers({})),
    'OfficerService/InviteOfficer': as(
      'administrator',
      async () => (desk) => desk.officers.inviteOfficer(someone()),
    ),
    'OfficerService/ReinviteOfficer': as('administrator', async (desk) => {
      const { officer } = await desk.officers.inviteOfficer(someone());
      return (desk) => desk.officers.reinviteOfficer({ id: officer?.id ?? '' });
    }),
    'OfficerService/RevokeOfficer': as('administrator', async (desk) => {
      const { officer } = await desk.officers.inviteOfficer(someone());
      return (desk) => desk.officers.revokeOfficer({ id: officer?.id ?? '', reason: 'left the agency' });
    }),
    'ScreeningService/Screen': as(
      'officer',
      async () => (desk) => desk.screening.screen({ query: { name: 'Sable Heron' } }),
    ),
    'ScreeningService/ScreenStream': as('officer', async () => (desk) => {
      async function* questions() {
        yield { query: { name: 'Sable Heron' } };
      }
      return all(desk.screening.screenStream(questions()));
    }),
    'ScreeningService/ScreenBatch': as(
      'officer',
      async () => (desk) => desk.screening.screenBatch({ lines: [{ query: { name: 'Sable Heron' } }] }),
    ),
    'ScreeningService/ListScreenings': as('officer', async () => (desk) => desk.screening.listScreenings({})),
    'ScreeningService/GetScreening': as('officer', async () => {
      const screeningId = await screened();
      return (desk) => desk.screening.getScreening({ screeningId });
    }),
    'ScreeningService/DecideHit': as('officer', async () => {
      const screeningId = await screened();
      return (desk) =>
        desk.screening.decideHit({
          screeningId,
          hit: 1,
          verdict: ScreeningVerdict.SCREENING_VERDICT_TRUE,
          reason: 'the same ship',
        });
    }),
    'ScreeningService/ListScreeningAlerts': as(
      'officer',
      async () => (desk) => desk.screening.listScreeningAlerts({}),
    ),
    'ScreeningService/AcknowledgeScreeningAlert': as('officer', async () => {
      const name = `Umber Plover ${++ships}`;
      await desks.officer.screening.screen({ query: { name }, keep: true });
      await world.screening.settle();
      const example = exampleContent('watchlist-entry', clock.nowMs()) as { readonly facets: Named };
      const { summary } = example.facets;
      const vessels = [{ ref: 'v1', names: [{ text: name }], flags: [{ country: 'XE' }] }];
      const facets = { summary, entities: { vessels } };
      await world.release(world.xa, { ...example, ...content({}, 'watchlist-entry'), facets });
      await world.screening.settle();
      const { alerts } = await desks.officer.screening.listScreeningAlerts({});
      const alertId = alerts[0]?.alertId ?? '';
      return (desk) => desk.screening.acknowledgeScreeningAlert({ alertId });
    }),
    'ScreeningService/PrivateScreen': as('officer', async () => async (desk) => privately(desk)),
    'ScreeningService/DecidePrivateScreening': as('releaser', async () => {
      const { screening } = await privately(desks.officer);
      const id = screening?.id ?? '';
      return (desk) => desk.screening.decidePrivateScreening({ id, approve: true });
    }),
    'ScreeningService/ListPrivateScreenings': as(
      'officer',
      async () => (desk) => desk.screening.listPrivateScreenings({}),
    ),
    'ScreeningService/GetScreeningStatus': as(
      'officer',
      async () => (desk) => desk.screening.getScreeningStatus({}),
    ),
    'OversightService/ListOverdueReviews': as(
      'auditor',
      async () => (desk) => desk.oversight.listOverdueReviews({}),
    ),
    'OversightService/ListRecallsWithoutReceipts': as(
      'auditor',
      async () => (desk) => desk.oversight.listRecallsWithoutReceipts({}),
    ),
    'OversightService/SampleDisclosures': as(
      'auditor',
      async () => (desk) => desk.oversight.sampleDisclosures({}),
    ),
    'OversightService/ListOfficerActivity': as(
      'auditor',
      async () => (desk) => desk.oversight.listOfficerActivity({}),
    ),
    'OversightService/ExportReport': as(
      'auditor',
      async () => (desk) => all(desk.oversight.exportReport({})),
    ),
    'AuditService/ListAudit': as('auditor', async () => (desk) => desk.audit.listAudit({})),
    'AuditService/VerifyAudit': as('auditor', async () => (desk) => desk.audit.verifyAudit({})),
    'AuditService/ExportAudit': as('auditor', async () => (desk) => all(desk.audit.exportAudit({}))),
    'ImportService/ImportList': as('officer', async () => (desk) => {
      const list = utf8(
        `<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS></INDIVIDUALS><ENTITIES><ENTITY>
        <DATAID>102</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>Kelp and Sons</FIRST_NAME>
        <UN_LIST_TYPE>Arvenia</UN_LIST_TYPE><REFERENCE_NUMBER>XAe.102</REFERENCE_NUMBER>
        <LISTED_ON>2012-12-31</LISTED_ON></ENTITY></ENTITIES></CONSOLIDATED_LIST>`,
      );
      async function* parts() {
        yield {
          entry: { $case: 'options' as const, value: { type: 'un-list', bytes: BigInt(list.length) } },
        };
        yield { entry: { $case: 'data' as const, value: Buffer.from(list) } };
      }
      return all(desk.imports.importList(parts()));
    }),
  };
}
