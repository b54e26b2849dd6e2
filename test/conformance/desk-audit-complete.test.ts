/**
 * Every method of every service of the desk leaves a row in the audit trail, whoever calls it. The methods are read from the proto files:
 * one that is added without a call here fails, and so does one that answers without a row.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { type Desk, uploadFile } from '../../src/desk/index.ts';
import { Misconduct } from '../../src/gen/tocsin/exchange/v1/misconduct.ts';
import { BreakGlassVerdict } from '../../src/gen/tocsin/record/v1/break_glass.ts';
import { RecallReason } from '../../src/gen/tocsin/record/v1/recall.ts';
import { SensitivityClass } from '../../src/gen/tocsin/record/v1/shared_facets.ts';
import { logSigner } from '../../src/ledger/log-signer.ts';
import { leafHash } from '../../src/merkle/index.ts';
import { registry } from '../../src/record/descriptor.ts';
import { exampleContent } from '../support/contents.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
/** Fingerprints by the desk that calls. */
const actors = new Map<Desk, string>();
let desks: Record<'officer' | 'releaser' | 'border' | 'auditor' | 'administrator', Desk> = {} as never;

beforeAll(async () => {
  world = await deskWorld();
  const open = async (deskGroup: 'customs' | 'border', role: Parameters<World['officer']>[1]) => {
    const desk = world.as(await world.officer(deskGroup, role));
    const { officer } = await desk.network.getNodeStatus({});
    actors.set(desk, officer?.fingerprint ?? '');
    return desk;
  };
  desks = {
    officer: await open('customs', 'officer'),
    releaser: await open('customs', 'releaser'),
    border: await open('border', 'officer'),
    auditor: await open('customs', 'auditor'),
    administrator: await open('customs', 'administrator'),
  };
});
afterAll(() => world[Symbol.asyncDispose]());

const content = (marking: object = {}, kind = 'seizure-notice') => {
  const example = exampleContent(kind, Date.now()) as Record<string, object>;
  return {
    ...example,
    deskGroup: 'customs',
    marking: { ...example.marking, releasableTo: ['sac'], ...marking },
  };
};

async function all(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function draft(submit = false): Promise<string> {
  const { draft: made } = await desks.officer.records.createDraft({ contentJson: JSON.stringify(content()) });
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
    expires: BigInt(Date.now() + 86_400_000),
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
      releasedAt: Date.now(),
      dueAt: Date.now() + 86_400_000,
    }),
  );
  return headerDigest;
}

/** Number of an alarm whose file convicts XB: two roots of its log for one size. */
async function convicting(): Promise<bigint> {
  const { federation, xa } = world;
  const { keyring, statement, signedStatement } = federation.of('XB');
  const origin = statement.statement.logOrigin;
  const note = async (text: string) => {
    const checkpoint = { origin, size: 1n, root: leafHash(utf8(text)) };
    return Buffer.from(
      await logSigner(keyring, 'live', origin)(checkpoint, BigInt(Math.floor(Date.now() / 1_000))),
    );
  };
  const evidence = Misconduct.encode({
    format: 1,
    network: Buffer.from(federation.network),
    rosterHistory: federation.history,
    statements: [signedStatement],
    noticedBy: 'XA',
    noticedAt: BigInt(Date.now()),
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
    tx.alarms.raise({ at: Date.now(), code: 'LOG_FORK', subject: origin, detail: 'two roots', evidence }),
  );
  const { items } = await store.read((tx) => tx.alarms.list({ limit: 1, open: true, code: 'LOG_FORK' }));
  return items[0]?.id ?? 0n;
}

const TEXT = utf8('Forty rifles, four crates.');
let uploads = 0;

const upload = (draftId: string) => {
  uploads += 1;
  return uploadFile(desks.officer, {
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

interface Call {
  readonly by: keyof typeof desks;
  /** Prepares, and gives the call itself. */
  readonly call: (desk: Desk) => Promise<() => Promise<unknown>>;
}

const as = (by: Call['by'], call: Call['call']): Call => ({ by, call });
const POLICY =
  '@id("N1") @reason("none")\nforbid (principal, action == Action::"receive", resource) when { false };';

const CALLS: Readonly<Record<string, Call>> = {
  'RecordService/CreateDraft': as(
    'officer',
    async (desk) => () => desk.records.createDraft({ contentJson: JSON.stringify(content()) }),
  ),
  'RecordService/UpdateDraft': as('officer', async (desk) => {
    const draftId = await draft();
    return () => desk.records.updateDraft({ draftId, contentJson: JSON.stringify(content()) });
  }),
  'RecordService/DiscardDraft': as('officer', async (desk) => {
    const draftId = await draft();
    return () => desk.records.discardDraft({ draftId });
  }),
  'RecordService/SubmitDraft': as('officer', async (desk) => {
    const draftId = await draft();
    return () => desk.records.submitDraft({ draftId });
  }),
  'RecordService/SendBackDraft': as('releaser', async (desk) => {
    const draftId = await draft(true);
    return () => desk.records.sendBackDraft({ draftId, note: 'the date is missing' });
  }),
  'RecordService/ReleaseDraft': as('releaser', async (desk) => {
    const draftId = await draft(true);
    return () => desk.records.releaseDraft({ draftId });
  }),
  'RecordService/ReleaseDrafts': as('releaser', async (desk) => {
    const draftIds = [await draft(true)];
    return () => all(desk.records.releaseDrafts({ draftIds }));
  }),
  'RecordService/ReviseRecord': as('officer', async (desk) => {
    const headerDigest = await own();
    return () => desk.records.reviseRecord({ headerDigest });
  }),
  'RecordService/CountersignRecord': as('releaser', async (desk) => {
    const headerDigest = await flash();
    return () => desk.records.countersignRecord({ headerDigest });
  }),
  'RecordService/GetDraft': as('officer', async (desk) => {
    const draftId = await draft();
    return () => desk.records.getDraft({ draftId });
  }),
  'RecordService/ListDrafts': as('officer', async (desk) => () => desk.records.listDrafts({})),
  'RecordService/ListRecords': as('officer', async (desk) => () => desk.records.listRecords({})),
  'RecordService/GetRecord': as('officer', async (desk) => {
    const headerDigest = await own();
    return () => desk.records.getRecord({ headerDigest });
  }),
  'RecordService/AcceptConditions': as('releaser', async (desk) => {
    const condition = 'call XB before boarding';
    const headerDigest = await partners({ handling: ['h3'], condition });
    return () => desk.records.acceptConditions({ headerDigest, condition });
  }),
  'RecordService/ExportEvidence': as('officer', async (desk) => {
    const headerDigest = await own();
    return () => all(desk.records.exportEvidence({ headerDigest }));
  }),
  'PolicyService/PreviewDraft': as('officer', async (desk) => {
    const draftId = await draft();
    return () => desk.policy.previewDraft({ draftId });
  }),
  'PolicyService/PreviewRecord': as('officer', async (desk) => {
    const headerDigest = await own();
    return () => desk.policy.previewRecord({ headerDigest });
  }),
  'PolicyService/Explain': as('officer', async (desk) => {
    const headerDigest = await own();
    return () => desk.policy.explain({ headerDigest, partner: 'XB' });
  }),
  'PolicyService/CheckPolicy': as(
    'administrator',
    async (desk) => () => desk.policy.checkPolicy({ policy: POLICY }),
  ),
  'PolicyService/DiffPolicy': as(
    'administrator',
    async (desk) => () => all(desk.policy.diffPolicy({ newPolicy: POLICY })),
  ),
  'InboxService/WatchInbox': as(
    'officer',
    async (desk) => () => all(desk.inbox.watchInbox({ afterPosition: 1_000_000n })),
  ),
  'InboxService/AcknowledgeItem': as('officer', async (desk) => {
    const at = await position();
    return () => desk.inbox.acknowledgeItem({ position: at });
  }),
  'NetworkService/GetNodeStatus': as(
    'border',
    async (desk) => () => desk.network.getNodeStatus({}, { purpose: 'border' }),
  ),
  'NetworkService/ListLinks': as('officer', async (desk) => () => desk.network.listLinks({})),
  'NetworkService/TestLink': as('officer', async (desk) => () => desk.network.testLink({ partner: 'XB' })),
  'NetworkService/GetRoster': as('officer', async (desk) => () => desk.network.getRoster({})),
  'LogService/GetLog': as('officer', async (desk) => () => desk.log.getLog({})),
  'LogService/GetCheckpoint': as('officer', async (desk) => {
    await own();
    return () => desk.log.getCheckpoint({});
  }),
  'LogService/ProveRecord': as('officer', async (desk) => {
    const headerDigest = await own();
    return () => desk.log.proveRecord({ headerDigest });
  }),
  'OnwardService/DraftConsent': as('officer', async (desk) => {
    const headerDigest = await own({ onward: 'consent' });
    return () =>
      desk.onward.draftConsent({
        headerDigest,
        facets: ['summary'],
        to: ['XC'],
        expires: BigInt(Date.now() + 86_400_000),
      });
  }),
  'OnwardService/ListConsents': as('officer', async (desk) => {
    const headerDigest = await own();
    return () => desk.onward.listConsents({ headerDigest });
  }),
  'OnwardService/AskConsent': as('officer', async (desk) => {
    const headerDigest = await partners();
    return () =>
      desk.onward.askConsent({
        headerDigest,
        facets: ['summary'],
        to: ['XC'],
        question: 'XC made these rifles',
        due: BigInt(Date.now() + 86_400_000),
      });
  }),
  'OnwardService/PreviewForward': as('releaser', async (desk) => {
    const headerDigest = await partners();
    return () => desk.onward.previewForward({ headerDigest, to: ['XC'] });
  }),
  'OnwardService/Forward': as('releaser', async (desk) => {
    const headerDigest = await partners({ onward: 'group' });
    return () => desk.onward.forward({ headerDigest, to: ['XC'] });
  }),
  'OnwardService/ListReadings': as('officer', async (desk) => {
    const headerDigest = await own();
    return () => desk.onward.listReadings({ headerDigest });
  }),
  'RecallService/Recall': as('releaser', async (desk) => {
    const headerDigest = await own();
    return () => desk.recalls.recall({ headerDigest, reason: RecallReason.RECALL_REASON_ERROR });
  }),
  'RecallService/WithdrawConsent': as('releaser', async (desk) => {
    const headerDigest = await consent();
    return () => desk.recalls.withdrawConsent({ headerDigest, reason: RecallReason.RECALL_REASON_ERROR });
  }),
  'RecallService/ListHolders': as('releaser', async (desk) => {
    const headerDigest = await own();
    return () => desk.recalls.listHolders({ headerDigest });
  }),
  'BreakGlassService/OpenFacets': as('border', async (desk) => {
    const headerDigest = await own({ tlp: 'amber-strict' });
    return () => desk.breakGlass.openFacets({ headerDigest, reason: 'the ship sails within the hour' });
  }),
  'BreakGlassService/ListOpenings': as('auditor', async (desk) => () => desk.breakGlass.listOpenings({})),
  'BreakGlassService/ReviewOpening': as('releaser', async (desk) => {
    const digest = await opening();
    return () =>
      desk.breakGlass.reviewOpening({
        opening: digest,
        verdict: BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED,
        note: 'the ship was stopped',
      });
  }),
  'AttachmentService/UploadAttachment': as('officer', async () => {
    const draftId = await draft();
    return () => upload(draftId);
  }),
  'AttachmentService/ListAttachments': as('officer', async (desk) => {
    const draftId = await draft();
    return () => desk.attachments.listAttachments({ draftId });
  }),
  'AttachmentService/DownloadAttachment': as('officer', async (desk) => {
    const draftId = await draft();
    const { sha256 } = await upload(draftId);
    return () => all(desk.attachments.downloadAttachment({ draftId, sha256 }));
  }),
  'AlarmService/ListAlarms': as('officer', async (desk) => () => desk.alarms.listAlarms({})),
  'AlarmService/ExportAlarm': as('officer', async (desk) => {
    const id = await convicting();
    return () => desk.alarms.exportAlarm({ id });
  }),
  'RevisionService/CompareRevisions': as('officer', async (desk) => {
    const { draft: next } = await desk.records.reviseRecord({ headerDigest: await own() });
    const draftId = next?.id ?? '';
    await desk.records.submitDraft({ draftId });
    const { record } = await desks.releaser.records.releaseDraft({ draftId });
    return () => desk.revisions.compareRevisions({ headerDigest: record?.headerDigest ?? new Uint8Array() });
  }),
  'AuditService/ListAudit': as('auditor', async (desk) => () => desk.audit.listAudit({})),
  'AuditService/VerifyAudit': as('auditor', async (desk) => () => desk.audit.verifyAudit({})),
  'AuditService/ExportAudit': as('auditor', async (desk) => () => all(desk.audit.exportAudit({}))),
  'ImportService/ImportList': as('officer', async (desk) => () => {
    const list = utf8(
      `<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS></INDIVIDUALS><ENTITIES><ENTITY>
        <DATAID>102</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>Kelp and Sons</FIRST_NAME>
        <UN_LIST_TYPE>Arvenia</UN_LIST_TYPE><REFERENCE_NUMBER>XAe.102</REFERENCE_NUMBER>
        <LISTED_ON>2012-12-31</LISTED_ON></ENTITY></ENTITIES></CONSOLIDATED_LIST>`,
    );
    async function* parts() {
      yield { entry: { $case: 'options' as const, value: { type: 'un-list', bytes: BigInt(list.length) } } };
      yield { entry: { $case: 'data' as const, value: Buffer.from(list) } };
    }
    return all(desk.imports.importList(parts()));
  }),
};

/** Every method of the package, as the proto files have it. */
const methods = [...registry()]
  .filter((type) => type.kind === 'service' && type.typeName.startsWith('tocsin.desk.v1.'))
  .flatMap((type) =>
    type.kind === 'service' ? type.methods.map((method) => `${type.name}/${method.name}`) : [],
  );

describe('the audit trail', () => {
  it('is asked about every method that the proto files have, and no other', () => {
    expect(Object.keys(CALLS).toSorted()).toEqual(methods.toSorted());
    expect(methods.length).toBeGreaterThan(40);
  });

  it.each(methods)('has a row of the officer who called %s, when the answer is out', async (method) => {
    const entry = CALLS[method];
    if (entry === undefined) throw new Error(`expected a call of ${method} in this test`);
    const desk = desks[entry.by];
    const call = await entry.call(desk);
    const store = world.xa.temporary.store;
    const before = (await store.read((tx) => tx.audit.list({ limit: 1 }))).items[0]?.seq ?? 0n;
    await call();
    const { items } = await store.read((tx) => tx.audit.list({ limit: 100 }));
    const fresh = items.filter(({ seq, actor }) => seq > before && actor === actors.get(desk));
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.every(({ detail }) => detail.role !== undefined && detail.deskGroup !== undefined)).toBe(
      true,
    );
  });
});
