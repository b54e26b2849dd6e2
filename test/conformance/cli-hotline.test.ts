/** `tocsin hotline` at a desk: a night call by the command, with everything that the hotline's pages refuse refused as well (J3, R9). */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHex, hex } from '../../src/base/bytes.ts';
import * as reports from '../../src/cli/commands/hotline-reports.ts';
import * as warnings from '../../src/cli/commands/hotline-warnings.ts';
import { acknowledge } from '../../src/cli/commands/inbox.ts';
import type { Output } from '../../src/cli/print.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { type DeskGroupToken, nodeHost, type OfficerRole } from '../../src/identity/index.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

let world: World;
let dir: string;
let officers: Readonly<Record<'tomé' | 'sara' | 'cleo' | 'dina' | 'noor', string>>;

const TOLD = 'Vi três camiões sem luzes passar junto da ponte velha em direção à fronteira.';
const CLEAN = 'Camiões sem luzes seguem de noite para a fronteira.';

interface Said {
  readonly text: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** Runs a verb with its own output. */
async function say<Options>(
  verb: (args: readonly string[], options: Options, output: Output) => Promise<void>,
  args: readonly string[],
  options: Options,
): Promise<Said> {
  const lines: string[] = [];
  let document: unknown;
  await verb(args, options, {
    json: false,
    colour: false,
    line: (text = '') => void lines.push(text),
    table: (header, rows) => void lines.push(header.join(' '), ...rows.map((row) => row.join(' '))),
    document: (value) => {
      document = value;
    },
  });
  return { text: lines.join('\n'), document: document as Said['document'] };
}

async function failure(call: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Error && 'code' in error) return { code: String(error.code), message: error.message };
  throw error ?? new Error('expected a refusal');
}

const file = (name: string, content: string): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};

async function folder(deskGroup: DeskGroupToken, role: OfficerRole, name: string): Promise<string> {
  const path = join(dir, name);
  mkdirSync(path);
  const { certPem, keyPem } = await world.officer(deskGroup, role, name);
  writeFileSync(join(path, 'cert.pem'), certPem);
  writeFileSync(join(path, 'key.pem'), keyPem, { mode: 0o600 });
  writeFileSync(join(path, 'ca.pem'), world.xa.member.authority.rootCertPem);
  writeFileSync(
    join(path, 'desk.json'),
    JSON.stringify({ address: world.server.address, serverName: nodeHost('XA') }),
  );
  return path;
}

beforeAll(async () => {
  world = await deskWorld();
  dir = mkdtempSync(join(tmpdir(), 'tocsin-hotline-'));
  officers = {
    tomé: await folder('hotline', 'operator', 'Tomé'),
    sara: await folder('hotline', 'operator', 'Sara'),
    cleo: await folder('hotline', 'controller', 'Cleo'),
    dina: await folder('hotline', 'controller', 'Dina'),
    noor: await folder('customs', 'officer', 'Noor'),
  };
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await world[Symbol.asyncDispose]();
});

const taking = (words: string, more: { readonly reviewed?: boolean; readonly officer?: string } = {}) =>
  say(reports.intake, [file('told.txt', `${words}\n`)], {
    officer: officers.tomé,
    category: 'movement',
    imminence: 'hours',
    region: 'xa-n',
    language: 'pt',
    channel: 'voice',
    ...more,
  });
const scrubbing = (draft: string, more: Partial<Parameters<typeof reports.scrub>[1]> = {}, words = CLEAN) =>
  say(reports.scrub, [draft, file('clean.txt', words)], {
    officer: officers.sara,
    decision: 'warning',
    credibility: '3',
    score: 70,
    threeCouldHaveKnown: true,
    ...more,
  });

const drafts = () =>
  world.xa.temporary.store.read((tx) => tx.drafts.list({ states: ['submitted'], limit: 50 }));
const listed = async (officer: string, number: string) =>
  (await say(reports.reports, [], { officer, number })).document.reports as readonly Record<
    string,
    unknown
  >[];

describe('a report by the command', () => {
  let draft: string;
  let number: string;
  let header: string;

  it('is taken with a number for the caller, and not with words that may tell who called unless they were read', async () => {
    const refused = await failure(taking(`${TOLD} Ligar para 955 501 472.`));
    expect(refused.code).toBe('REFUSED');
    expect(refused.message).toContain('--reviewed');
    expect((await drafts()).items).toEqual([]);
    const { text, document } = await taking(TOLD);
    draft = String(document.draft);
    number = String(document.reportNumber);
    expect(number).toMatch(/^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
    expect(text).toContain(`number for the caller: ${number}`);
    const [stored] = (await drafts()).items;
    expect(JSON.parse(stored?.content ?? '{}')).toMatchObject({
      facets: { summary: { country: 'XA', subdivision: 'XA-N' } },
    });
    await expect(taking('Ligar para 955 501 472, é da esquadra.', { reviewed: true })).resolves.toBeDefined();
  });

  it('is found by its number, the hotline’s alone, with the words for who may read them', async () => {
    const spoken = number.toLowerCase().replace('-', ' ');
    expect(await listed(officers.sara, spoken)).toMatchObject([
      { report: draft, state: 'received', category: 'movement', region: 'XA-N', own: false },
    ]);
    expect(await listed(officers.noor, number)).toEqual([]);
    expect((await say(reports.report, [draft], { officer: officers.sara })).text).toContain('ponte velha');
    expect((await failure(say(reports.report, [draft], { officer: officers.noor }))).code).toBe('NOT_FOUND');
  });

  it('is scrubbed by another operator, who says that three could have known', async () => {
    expect((await failure(scrubbing(draft, { officer: officers.tomé }))).code).toBe('FOUR_EYES');
    expect((await failure(scrubbing(draft, { threeCouldHaveKnown: false }))).code).toBe('INVALID');
    expect((await failure(scrubbing(draft, {}, `${CLEAN} Chamo-me Rui.`))).code).toBe('REFUSED');
    await scrubbing(draft, { imminence: 'now' });
    expect(await listed(officers.cleo, number)).toMatchObject([
      { state: 'scrubbed', decision: 'warning', imminence: 'now' },
    ]);
    const { text } = await say(reports.report, [draft], { officer: officers.cleo });
    expect(text).toContain('seguem de noite');
    expect(text).not.toContain('ponte velha');
  });

  it('is entered into the register by a controller', async () => {
    expect((await failure(say(reports.register, [draft], { officer: officers.sara }))).code).toBe('REFUSED');
    const { document } = await say(reports.register, [draft], { officer: officers.cleo });
    header = hex(document.header as Uint8Array);
    await world.xa.ledger.sequence('live');
    expect(await listed(officers.cleo, number)).toMatchObject([{ report: header, state: 'triaged' }]);
  });

  describe('and its warning', () => {
    let warning: string;
    // The node's clock is the tests', ahead of the machine's once any of them let time pass.
    const texts = (headline: string) => ({
      effective: new Date(clock.nowMs()).toISOString(),
      expires: new Date(clock.nowMs() + 24 * 3_600_000).toISOString(),
      texts: [
        { language: 'fr', headline },
        { language: 'ar', headline: 'حركة أسلحة في الشمال' },
      ],
    });
    const warn = (summary: object, more: Partial<Parameters<typeof warnings.warn>[1]> = {}) =>
      say(warnings.warn, [file('warning.json', JSON.stringify(summary))], {
        officer: officers.cleo,
        report: header,
        to: ['sac'],
        priority: 'flash',
        tlp: 'clear',
        hours: 24,
        ...more,
      });

    it('takes over neither the caller’s words nor his number', async () => {
      const repeated = await failure(warn(texts('Camiões sem luzes seguem de noite')));
      expect(repeated).toMatchObject({ code: 'REFUSED' });
      expect(repeated.message).toContain('camiões sem luzes seguem de');
      expect((await failure(warn(texts(`Rapport ${number}`)))).code).toBe('REFUSED');
      expect((await failure(warn([] as object))).code).toBe('FILE_INVALID');
    });

    it('is sent as a flash on one signature, and countersigned by another controller', async () => {
      const { text, document } = await warn(texts('Mouvement d’armes dans le nord'), { broadcast: true });
      warning = hex(document.header as Uint8Array);
      expect(document).toMatchObject({ recipients: ['XB', 'XC'], countersignDue: true });
      expect(text).toContain('within 24 hours');
      await world.xa.ledger.sequence('live');
      const facets = await world.xa.temporary.store.read((tx) =>
        tx.records.facets(fromHex(warning) ?? new Uint8Array()),
      );
      expect(facets.map(({ body }) => Buffer.from(body).toString('utf8')).join()).not.toContain(number);
      expect((await failure(say(warnings.countersign, [warning], { officer: officers.cleo }))).code).toBe(
        'FOUR_EYES',
      );
      await say(warnings.countersign, [warning], { officer: officers.dina });
    });

    it('shows who received it, has it in hand, and is late', async () => {
      const { store } = world.xa.temporary;
      const headerDigest = fromHex(warning) ?? new Uint8Array();
      const receiptDigest = new Uint8Array(32).fill(3);
      const rows = await store.read((tx) => tx.outbox.ofRecord(headerDigest));
      await store.write(async (tx) => {
        const atXb = rows.filter(({ recipient }) => recipient === 'XB');
        await tx.outbox.close(
          atXb.map(({ id }) => ({ id, state: 'receipted' as const, receiptDigest })),
          clock.nowMs(),
        );
        await tx.onward.noteReading({
          ...{ headerDigest, node: 'XB', what: 'acknowledged', facets: [], receiptDigest },
          deskGroup: DeskGroup.DESK_GROUP_BORDER,
          at: clock.nowMs(),
        });
      });
      passTime(16 * 60_000);
      const { text, document } = await say(warnings.progress, [warning], { officer: officers.cleo });
      expect(document).toMatchObject({
        overdue: 1,
        partners: [
          { node: 'XB', state: 'acknowledged', acknowledgements: [{ deskGroup: 'border' }], overdue: false },
          { node: 'XC', state: 'sent', acknowledgements: [], overdue: true },
        ],
      });
      expect(text.split('\n')[1]).toMatch(/^XC sent .* OVERDUE$/);
      expect((await failure(say(warnings.progress, [header], { officer: officers.cleo }))).code).toBe(
        'NOT_FOUND',
      );
    });

    it('is written as a CAP message once, updated, and cancelled', async () => {
      const change = file('change.json', JSON.stringify({ severity: 'extreme' }));
      const updated = await say(warnings.update, [warning, change], { officer: officers.sara });
      const sent = await say(warnings.broadcastDraft, [String(updated.document.draft)], {
        officer: officers.cleo,
      });
      await world.xa.ledger.sequence('live');
      const second = hex(sent.document.header as Uint8Array);
      expect(sent.document).toMatchObject({ revision: 2, countersignDue: false });
      const cancelled = await say(warnings.cancel, [second], { officer: officers.cleo, broadcast: true });
      await world.xa.ledger.sequence('live');
      expect(cancelled.document).toMatchObject({ revision: 3 });
      const out = join(dir, 'cancel.xml');
      const third = hex(cancelled.document.header as Uint8Array);
      await say(warnings.cap, [third], { officer: officers.cleo, out });
      expect(readFileSync(out, 'utf8')).toContain('<msgType>Cancel</msgType>');
      expect((await failure(say(warnings.cap, [third], { officer: officers.cleo, out }))).code).toBe(
        'FILE_INVALID',
      );
    });

    it('leaves a report that is closed with what came of it', async () => {
      const dropped = { officer: officers.sara, as: 'dropped' };
      expect((await failure(say(reports.close, [header], dropped))).code).toBe('USAGE');
      const { document } = await say(reports.close, [header], { officer: officers.sara, as: 'actioned' });
      await world.as(await world.officer('hotline', 'controller', 'Gil')).records.releaseDraft({
        draftId: String(document.draft),
      });
      expect(await listed(officers.cleo, number)).toMatchObject([{ state: 'actioned' }]);
    });
  });

  it('is sent back, or dropped with what was told', async () => {
    const { document } = await taking('Homens armados na feira, de tarde.');
    const other = String(document.draft);
    await scrubbing(other, {}, 'Homens armados na feira.');
    await say(reports.sendBack, [other], { officer: officers.cleo, note: 'which market?' });
    expect(await listed(officers.cleo, String(document.reportNumber))).toMatchObject([
      { state: 'draft', note: 'which market?' },
    ]);
    await say(reports.drop, [other], { officer: officers.tomé, reason: 'told twice' });
    const { items } = await world.xa.temporary.store.read((tx) =>
      tx.drafts.list({ states: ['discarded'], limit: 5 }),
    );
    expect(items.find(({ id }) => id === other)?.content).not.toContain('feira');
  });
});

describe('a partner’s record', () => {
  it('is taken in hand by the command, own ones are not', async () => {
    const digest = await world.release(world.xb, {
      ...(exampleContent('warning', clock.nowMs()) as object),
      marking: { releasableTo: ['XA'] },
    });
    await world.deliver(digest);
    const { text } = await say(acknowledge, [hex(digest)], { officer: officers.noor });
    expect(text).toMatch(/^in hand: Noor, /);
    const due = await world.xa.temporary.store.read((tx) => tx.onward.readingsDue(5));
    expect(due).toMatchObject([{ originator: 'XB', what: 'acknowledged' }]);
    const own = await world.release(world.xa, {
      ...(exampleContent('warning', clock.nowMs()) as object),
      marking: { releasableTo: ['XB'] },
    });
    expect((await failure(say(acknowledge, [hex(own)], { officer: officers.noor }))).code).toBe('NOT_FOUND');
  });
});
