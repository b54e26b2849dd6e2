/**
 * What the roles deny (domain page, §4.1), asked of every method of every service, of programs and of browsers: who is not permitted is
 * refused, and the same call then works for who is.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../../src/desk/index.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { RecallReason } from '../../src/gen/tocsin/record/v1/recall.ts';
import type { DeskGroupToken, OfficerRole } from '../../src/identity/index.ts';
import { exampleContent } from '../support/contents.ts';
import { type Call, callsOf, DESK_METHODS, type DeskName, openDesks } from '../support/desk-calls.ts';
import { deskOverHttp } from '../support/desk-over-http.ts';
import { clock, deskWorld, type World } from '../unit/desk/desk-world.ts';

type Seat = `${OfficerRole} of ${DeskGroupToken}`;

/** Of the desk group whose records are asked about, and of others. */
const SEATS: readonly Seat[] = [
  'officer of customs',
  'releaser of customs',
  'administrator of customs',
  'auditor of customs',
  'observer of customs',
  'analyst of hub',
  'operator of hotline',
  'controller of hotline',
];
const ALL = 'officer releaser administrator auditor observer analyst operator controller';
const LOOKING = 'officer releaser administrator auditor analyst operator controller';
const READING = 'officer releaser analyst operator controller';
const SEARCHING = 'officer releaser observer analyst operator controller';
const DESK = 'officer releaser';
const ADMINISTRATION = 'administrator';
const OVERSEEING = 'administrator auditor';

/** Roles that may make the call as it stands among the desk's calls: about a record of customs that is meant for all desk groups. */
const MAY: Readonly<Record<string, string>> = {
  'RecordService/CreateDraft': DESK,
  // Of another's draft a part is hidden, so what is sent here is for its drafter alone.
  'RecordService/UpdateDraft': '',
  'RecordService/DiscardDraft': DESK,
  'RecordService/SubmitDraft': DESK,
  'RecordService/SendBackDraft': 'releaser',
  'RecordService/ReleaseDraft': 'releaser',
  'RecordService/ReleaseDrafts': 'releaser',
  'RecordService/ReviseRecord': DESK,
  'RecordService/CountersignRecord': 'releaser',
  'RecordService/GetDraft': DESK,
  'RecordService/ListDrafts': READING,
  'RecordService/ListRecords': SEARCHING,
  'RecordService/GetRecord': READING,
  'RecordService/AcceptConditions': 'releaser',
  'RecordService/ExportEvidence': READING,
  'PolicyService/PreviewDraft': DESK,
  'PolicyService/PreviewRecord': READING,
  'PolicyService/Explain': LOOKING,
  'PolicyService/CheckPolicy': ADMINISTRATION,
  'PolicyService/DiffPolicy': ADMINISTRATION,
  'PolicyService/GetPolicy': OVERSEEING,
  'PolicyService/ProposePolicy': ADMINISTRATION,
  'PolicyService/ListPolicyProposals': OVERSEEING,
  'PolicyService/GetPolicyProposal': OVERSEEING,
  'PolicyService/AdoptPolicy': ADMINISTRATION,
  'PolicyService/WithdrawPolicy': ADMINISTRATION,
  'PolicyService/CheckContent': `${DESK} analyst`,
  'InboxService/WatchInbox': SEARCHING,
  'InboxService/AcknowledgeItem': DESK,
  'NetworkService/GetNodeStatus': ALL,
  'NetworkService/ListLinks': LOOKING,
  'NetworkService/TestLink': LOOKING,
  'NetworkService/GetRoster': ALL,
  'LogService/GetLog': LOOKING,
  'LogService/GetCheckpoint': LOOKING,
  'LogService/ProveRecord': READING,
  'OnwardService/DraftConsent': DESK,
  'OnwardService/ListConsents': READING,
  'OnwardService/AskConsent': DESK,
  'OnwardService/PreviewForward': 'releaser',
  'OnwardService/Forward': 'releaser',
  'OnwardService/ListReadings': READING,
  'TaskingService/AskOriginator': DESK,
  'TaskingService/AnswerTasking': DESK,
  'TaskingService/ListTaskings': DESK,
  'RecallService/Recall': 'releaser',
  'RecallService/WithdrawConsent': 'releaser',
  'RecallService/ListHolders': READING,
  // Asked by the border desk: customs have nothing to open of their own record.
  'BreakGlassService/OpenFacets': 'analyst operator controller',
  'BreakGlassService/ListOpenings': `${READING} auditor`,
  'BreakGlassService/ReviewOpening': 'releaser',
  'AttachmentService/UploadAttachment': '',
  'AttachmentService/DescribeAttachment': '',
  'AttachmentService/ListAttachments': DESK,
  'AttachmentService/DownloadAttachment': DESK,
  'AlarmService/ListAlarms': LOOKING,
  'AlarmService/ExportAlarm': LOOKING,
  'RevisionService/CompareRevisions': READING,
  'BoardService/ListBoard': SEARCHING,
  'BoardService/ListDuties': READING,
  'HotlineService/ListReports': READING,
  'HotlineService/ScrubReport': 'operator controller',
  'HotlineService/ExportWarning': `${READING} observer`,
  'OfficerService/ListOfficers': ADMINISTRATION,
  'OfficerService/InviteOfficer': ADMINISTRATION,
  'OfficerService/ReinviteOfficer': ADMINISTRATION,
  'OfficerService/RevokeOfficer': ADMINISTRATION,
  'ScreeningService/Screen': READING,
  'ScreeningService/ScreenStream': READING,
  'ScreeningService/ScreenBatch': READING,
  'ScreeningService/ListScreenings': `${READING} auditor`,
  // Asked by customs: what a desk group asked, another does not read.
  'ScreeningService/GetScreening': `${DESK} auditor`,
  'ScreeningService/DecideHit': DESK,
  'ScreeningService/ListScreeningAlerts': READING,
  'ScreeningService/AcknowledgeScreeningAlert': DESK,
  'ScreeningService/PrivateScreen': 'officer releaser analyst controller',
  // Asked by customs: another desk group's releaser finds none.
  'ScreeningService/DecidePrivateScreening': 'releaser',
  'ScreeningService/ListPrivateScreenings': 'officer releaser analyst controller auditor',
  'ScreeningService/GetScreeningStatus': `${READING} auditor`,
  'OversightService/ListOverdueReviews': 'auditor',
  'OversightService/ListRecallsWithoutReceipts': 'auditor',
  'OversightService/SampleDisclosures': 'auditor',
  'OversightService/ListOfficerActivity': 'auditor',
  'OversightService/ExportReport': 'auditor',
  'AuditService/ListAudit': 'auditor',
  'AuditService/VerifyAudit': 'auditor',
  'AuditService/ExportAudit': 'auditor',
  'ImportService/ImportList': `${DESK} analyst`,
};
/** What browsers have no route for. */
const NOT_IN_BROWSERS = [
  'RecordService/ReleaseDrafts',
  'InboxService/WatchInbox',
  'ImportService/ImportList',
  'ScreeningService/ScreenStream',
];

const REFUSALS = ['REFUSED', 'NOT_FOUND', 'NOT_DRAFTER', 'STATE', 'INVALID_REQUEST'];

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => '',
    (error: Error & { readonly code?: string }) => error.code ?? error.message,
  );
}

let world: World;
let desks: Readonly<Record<DeskName, Desk>>;
let calls: Readonly<Record<string, Call>>;
const seats = new Map<string, Desk>();

const seatOf = async (carrier: 'gRPC' | 'HTTP', seat: Seat): Promise<Desk> => {
  const [role, deskGroup] = seat.split(' of ') as [OfficerRole, DeskGroupToken];
  const key = `${carrier} ${seat}`;
  const desk =
    seats.get(key) ??
    (carrier === 'gRPC'
      ? world.as(await world.officer(deskGroup, role, key))
      : deskOverHttp((await world.browser(deskGroup, role, key)).browser));
  seats.set(key, desk);
  return desk;
};

beforeAll(async () => {
  world = await deskWorld();
  desks = await openDesks(world);
  calls = callsOf(world, desks);
});
afterAll(() => world[Symbol.asyncDispose]());

it('the roles of every method stand here', () => {
  expect(Object.keys(MAY).toSorted()).toEqual(DESK_METHODS.toSorted());
});

describe.each(['gRPC', 'HTTP'] as const)('over %s', (carrier) => {
  const methods = DESK_METHODS.filter((method) => carrier === 'gRPC' || !NOT_IN_BROWSERS.includes(method));

  it.each(methods)('%s is refused to every role that may not, and then works for who may', async (method) => {
    const entry = calls[method];
    if (entry === undefined) throw new Error(`expected a call of ${method} among the desk’s calls`);
    const may = (MAY[method] ?? '').split(' ');
    const mayNot = SEATS.filter((seat) => !may.includes(seat.split(' ')[0] ?? ''));
    const call = await entry.call(desks[entry.by]);
    for (const seat of mayNot)
      expect([seat, REFUSALS.includes(await codeOf(call(await seatOf(carrier, seat))))]).toEqual([
        seat,
        true,
      ]);
    // The very same request: it was refused for who asked, and nothing of it was done.
    expect(await codeOf(call(desks[entry.by]))).toBe('');
  });

  it.each(methods)('%s works for every role that may', async (method) => {
    const entry = calls[method];
    const may = (MAY[method] ?? '').split(' ');
    for (const seat of SEATS.filter((one) => may.includes(one.split(' ')[0] ?? ''))) {
      const call = await entry?.call(desks[entry.by]);
      expect([seat, await codeOf(call?.(await seatOf(carrier, seat)) ?? Promise.reject())]).toEqual([
        seat,
        '',
      ]);
    }
  });
});

describe.each(['gRPC', 'HTTP'] as const)('what a role may only in part, over %s', (carrier) => {
  const content = (kind: string, changes: object = {}, marking: object = {}) => {
    const example = exampleContent(kind, clock.nowMs()) as Readonly<Record<string, object>>;
    return JSON.stringify({ ...example, ...changes, marking: { ...example.marking, ...marking } });
  };
  const at = (seat: Seat) => seatOf(carrier, seat);
  async function released(contentJson: string, drafter: Seat, releaser: Seat): Promise<Buffer> {
    const { draft } = await (await at(drafter)).records.createDraft({ contentJson });
    const draftId = draft?.id ?? '';
    await (await at(drafter)).records.submitDraft({ draftId });
    const { record } = await (await at(releaser)).records.releaseDraft({ draftId });
    return Buffer.from(record?.headerDigest ?? []);
  }
  async function read(seat: Seat, headerDigest: Buffer): Promise<ReadonlyMap<string, string>> {
    const { facets } = await (await at(seat)).records.getRecord({ headerDigest });
    return new Map(facets.map(({ facet, facetClass }) => [facet, facetClass]));
  }
  const seizure = (marking: object = {}) =>
    released(
      content('seizure-notice', { deskGroup: 'customs' }, { releasableTo: ['sac'], ...marking }),
      'officer of customs',
      'releaser of customs',
    );

  it('a releaser does not release what he drafted, nor change what another did', async () => {
    const releaser = await at('releaser of customs');
    const contentJson = content('seizure-notice', { deskGroup: 'customs' });
    const { draft: own } = await releaser.records.createDraft({ contentJson });
    await releaser.records.submitDraft({ draftId: own?.id ?? '' });
    expect(await codeOf(releaser.records.releaseDraft({ draftId: own?.id ?? '' }))).toBe('FOUR_EYES');
    const officer = await at('officer of customs');
    const { draft } = await officer.records.createDraft({ contentJson });
    const draftId = draft?.id ?? '';
    await officer.records.submitDraft({ draftId });
    expect(await codeOf(releaser.records.updateDraft({ draftId, contentJson }))).toBe('NOT_DRAFTER');
    expect(await codeOf(officer.records.releaseDraft({ draftId }))).toBe('REFUSED');
  });

  it('the internal notes of a desk are read by no other, and what identifies a source by its releaser alone', async () => {
    const headerDigest = await seizure();
    const classes = async (seat: Seat) => new Set((await read(seat, headerDigest)).values());
    const restricted = async (seat: Seat) =>
      [...(await classes(seat))].filter((one) => 'NX'.includes(one)).toSorted();
    expect(await restricted('releaser of customs')).toEqual(['N', 'X']);
    expect(await restricted('officer of customs')).toEqual(['N']);
    for (const seat of ['analyst of hub', 'operator of hotline', 'controller of hotline'] as const)
      expect([seat, await restricted(seat)]).toEqual([seat, []]);
  });

  it('an analyst neither revises, recalls nor answers for what another desk said', async () => {
    const headerDigest = await seizure();
    const analyst = await at('analyst of hub');
    const contentJson = content('seizure-notice', { deskGroup: 'customs' }, { tlp: 'clear' });
    expect(await codeOf(analyst.records.reviseRecord({ headerDigest }))).toBe('REFUSED');
    expect(await codeOf(analyst.records.reviseRecord({ headerDigest, contentJson }))).toBe('INVALID_REQUEST');
    const reason = RecallReason.RECALL_REASON_ERROR;
    expect(await codeOf(analyst.recalls.recall({ headerDigest, reason }))).toBe('REFUSED');
    expect(await codeOf(analyst.records.createDraft({ contentJson }))).toBe('INVALID_REQUEST');
  });

  it('a raw report is read at its hotline alone, its source by the controller alone, and is passed on by nobody', async () => {
    const operator = await at('operator of hotline');
    const { draft } = await operator.records.createDraft({ contentJson: content('hotline-report') });
    const draftId = draft?.id ?? '';
    await operator.records.submitDraft({ draftId });
    for (const seat of ['officer of customs', 'releaser of customs', 'analyst of hub'] as const)
      expect([seat, await codeOf((await at(seat)).records.getDraft({ draftId }))]).toEqual([
        seat,
        'NOT_FOUND',
      ]);
    const { source: _scrubbed, ...facets } = JSON.parse(content('hotline-report')).facets;
    await desks.scrubber.hotline.scrubReport({
      draftId,
      contentJson: JSON.stringify({ ...JSON.parse(content('hotline-report')), facets }),
    });
    const { record } = await (await at('controller of hotline')).records.releaseDraft({ draftId });
    const headerDigest = Buffer.from(record?.headerDigest ?? []);
    expect([...(await read('operator of hotline', headerDigest)).keys()]).not.toContain('source');
    expect([...(await read('controller of hotline', headerDigest)).keys()]).toContain('source');
    for (const seat of SEATS.filter((one) => !one.endsWith('hotline')))
      expect([seat, await codeOf((await at(seat)).records.getRecord({ headerDigest }))]).toEqual([
        seat,
        'NOT_FOUND',
      ]);
    const rows = await world.xa.temporary.store.read((tx) => tx.outbox.ofRecord(headerDigest));
    expect(rows).toEqual([]);
    const forwarded = operator.onward.forward({ headerDigest, to: ['XC'] });
    expect(REFUSALS).toContain(await codeOf(forwarded));
  });

  it('an observer reads what is public, its summary alone, and finds nothing else in any list', async () => {
    const observer = await at('observer of customs');
    const open = await seizure({ tlp: 'clear' });
    const closed = await seizure();
    expect(new Set((await read('observer of customs', open)).values())).toEqual(new Set(['S']));
    expect(await codeOf(observer.records.getRecord({ headerDigest: closed }))).toBe('NOT_FOUND');
    const { records } = await observer.records.listRecords({ pageSize: 500 });
    const listed = new Set(records.map(({ headerDigest }) => Buffer.from(headerDigest).toString('hex')));
    expect([listed.has(open.toString('hex')), listed.has(closed.toString('hex'))]).toEqual([true, false]);
  });

  it('neither who administers nor who audits reads content, and no auditor changes anything', async () => {
    const headerDigest = await seizure({ tlp: 'clear' });
    for (const seat of ['administrator of customs', 'auditor of customs'] as const) {
      const { records, recalls } = await at(seat);
      const reason = RecallReason.RECALL_REASON_ERROR;
      const contentJson = content('seizure-notice', { deskGroup: 'customs' });
      const codes = [
        await codeOf(records.getRecord({ headerDigest })),
        await codeOf(records.reviseRecord({ headerDigest })),
        await codeOf(recalls.recall({ headerDigest, reason })),
        await codeOf(records.createDraft({ contentJson })),
      ];
      expect(codes).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'REFUSED']);
    }
  });
});

it('no account is made for a role at a desk where it does not work', async () => {
  const at = (deskGroup: DeskGroup, role: string) =>
    codeOf(
      desks.administrator.officers.inviteOfficer({
        name: `${role} ${deskGroup}`,
        agency: 'Arvenia',
        deskGroup,
        role,
      }),
    );
  expect(await at(DeskGroup.DESK_GROUP_CUSTOMS, 'operator')).toBe('INVALID_REQUEST');
  expect(await at(DeskGroup.DESK_GROUP_CUSTOMS, 'analyst')).toBe('INVALID_REQUEST');
  expect(await at(DeskGroup.DESK_GROUP_HOTLINE, 'releaser')).toBe('INVALID_REQUEST');
  expect(await at(DeskGroup.DESK_GROUP_HOTLINE, 'operator')).toBe('');
  expect(await at(DeskGroup.DESK_GROUP_HUB, 'analyst')).toBe('');
});
