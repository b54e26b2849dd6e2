/**
 * Private screening at the desk: two officers of one desk group, what each may, what is kept and for how long, and every bound. The
 * partners of this world are away, so that each answer says so. All names are made up.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approve, ask, decline, listPrivate } from '../../src/cli/commands/screen-private.ts';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import { DutyKind } from '../../src/gen/tocsin/desk/v1/board_service.ts';
import {
  PrivateScreeningOutcome,
  PrivateScreeningState,
} from '../../src/gen/tocsin/desk/v1/screening_service.ts';
import { nodeHost } from '../../src/identity/index.ts';
import { retain } from '../../src/lifecycle/retention.ts';
import { clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

const DAY_MS = 86_400_000;
const NAME = 'Borgatil Ostrog Venskadze';
const reason = 'a licence is applied for in this name';

let world: World;
let officer: Desk;
let other: Desk;
let releaser: Desk;
let border: Desk;
let auditor: Desk;

beforeAll(async () => {
  world = await deskWorld();
  officer = world.as(await world.officer('customs', 'officer', 'Ada'));
  other = world.as(await world.officer('customs', 'officer', 'Aksel'));
  releaser = world.as(await world.officer('customs', 'releaser', 'Ben'));
  border = world.as(await world.officer('border', 'releaser', 'Cleo'));
  auditor = world.as(await world.officer('customs', 'auditor', 'Dora'));
});
afterAll(() => world[Symbol.asyncDispose]());

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => Reflect.get(error as object, 'code'),
  );

const faultsOf = (work: Promise<unknown>): Promise<readonly string[]> =>
  work.then(
    () => [],
    (error: unknown) =>
      error instanceof DeskCallError
        ? error.violations.map(({ field, reason: code }) => `${field} ${code}`)
        : Promise.reject(error),
  );

async function requested(desk = officer, more: object = {}): Promise<string> {
  const { screening } = await desk.screening.privateScreen({ names: [NAME], reason, ...more });
  return screening?.id ?? '';
}

const approving = (desk: Desk, id: string) => desk.screening.decidePrivateScreening({ id, approve: true });
const declining = (desk: Desk, id: string, note = 'not needed') =>
  desk.screening.decidePrivateScreening({ id, approve: false, note });
const listed = async (desk: Desk) => (await desk.screening.listPrivateScreenings({})).screenings;
const actions = async (subject: string) =>
  (await auditor.audit.listAudit({ subject })).rows.map(({ action }) =>
    action.replace('private-screening.', ''),
  );

describe('what is asked of partners in private', () => {
  const faults = (request: object) =>
    faultsOf(officer.screening.privateScreen({ names: [NAME], reason, ...request }));
  const times = (count: number, text = 'a') => Array.from({ length: count }, () => text);

  it('has 16 names and 16 numbers at most, and one at least', async () => {
    expect(await codeOf(requested(officer, { names: times(16, NAME) }))).toBe('none');
    expect(await faults({ names: times(17, NAME) })).toEqual(['names TOO_MANY']);
    const number = { scheme: 'imo', country: '', value: '0001016' };
    expect(await codeOf(requested(officer, { identifiers: Array(16).fill(number) }))).toBe('none');
    expect(await faults({ identifiers: Array(17).fill(number) })).toEqual(['identifiers TOO_MANY']);
    expect(await faults({ names: [] })).toEqual(['names REQUIRED']);
    expect(await codeOf(requested(officer, { names: ['...'] }))).toBe('NOTHING_TO_ASK');
  });

  it('is of a name of 300 characters at most, a number of 64, words of 2,000, 500 and 200', async () => {
    const at = { scheme: 'entity', country: '', value: 'x'.repeat(64) };
    const fits = {
      names: ['x'.repeat(300)],
      identifiers: [at],
      reason: 'r'.repeat(2_000),
      question: 'q'.repeat(2_000),
      legalBasis: 'l'.repeat(500),
      reference: 'f'.repeat(200),
    };
    expect(await faults(fits)).toEqual([]);
    const over = {
      names: ['x'.repeat(301)],
      identifiers: [{ ...at, value: 'x'.repeat(65) }],
      reason: 'r'.repeat(2_001),
      question: 'q'.repeat(2_001),
      legalBasis: 'l'.repeat(501),
      reference: 'f'.repeat(201),
    };
    expect((await faults(over)).toSorted()).toEqual(
      ['identifiers[0].value', 'legal_basis', 'names[0]', 'question', 'reason', 'reference'].map(
        (path) => `${path} TOO_LONG`,
      ),
    );
  });

  it('is a number of a kind that is compared, of partners that are named, with a reason', async () => {
    expect(await faults({ identifiers: [{ scheme: 'serial', country: '', value: '1234' }] })).toEqual([
      'identifiers[0].scheme NOT_KNOWN',
    ]);
    expect(await faults({ identifiers: [{ scheme: 'imo', country: 'XA', value: '1234' }] })).toEqual([
      'identifiers[0].country FORM',
    ]);
    expect(await faults({ partners: ['XZ'] })).toEqual(['partners[0] NOT_ALLOWED']);
    expect(await faults({ partners: ['XB', 'XB'] })).toEqual(['partners DUPLICATE']);
    expect(await faults({ reason: ' ' })).toEqual(['reason REQUIRED']);
  });

  it('waits in 64 of a desk group at most', async () => {
    const open = async () =>
      (await officer.screening.listPrivateScreenings({ openOnly: true, pageSize: 500 })).screenings;
    for (let waiting = (await open()).length; waiting < 64; waiting += 1) await requested();
    expect(await codeOf(requested())).toBe('TOO_MANY_OPEN');
    expect(await codeOf(requested(border))).toBe('none');
    for (const { id } of await open()) await declining(releaser, id);
    expect(await open()).toEqual([]);
    expect(await codeOf(requested())).toBe('none');
  });
});

describe('the second officer', () => {
  it('is not who asked, and is of the same desk group', async () => {
    const id = await requested(releaser);
    expect(await codeOf(approving(releaser, id))).toBe('FOUR_EYES');
    expect(await codeOf(approving(officer, id))).toBe('REFUSED');
    expect(await codeOf(approving(border, id))).toBe('NOT_FOUND');
    expect((await listed(border)).map((one) => one.id)).not.toContain(id);
    // What auditors see of it is that, with what was asked.
    expect((await listed(auditor)).find((one) => one.id === id)?.question?.names).toEqual([NAME]);
    expect(await codeOf(declining(border, id))).toBe('NOT_FOUND');
  });

  it('lets partners be asked once, however often he says so, and reads that they are away', async () => {
    const id = await requested();
    const both = await Promise.allSettled([approving(releaser, id), approving(releaser, id)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await actions(id)).filter((action) => action === 'approved')).toHaveLength(1);
    const { screening } = await approving(releaser, id);
    expect(screening).toMatchObject({
      state: PrivateScreeningState.PRIVATE_SCREENING_STATE_ANSWERED,
      own: false,
    });
    expect(screening?.answers.map(({ partner, outcome, code }) => [partner, outcome, code])).toEqual(
      ['XB', 'XC'].map((partner) => [
        partner,
        PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_FAILED,
        'PARTNER_UNREACHABLE',
      ]),
    );
    expect(await actions(id)).toEqual(['approved', 'requested']);
    expect(await actions('XB')).toContain('failed');
    expect(world.faults).toEqual([]);
  });

  it('finds it among his duties, which name nobody, until it is decided', async () => {
    const kind = DutyKind.DUTY_KIND_DECIDE_PRIVATE_SCREENING;
    const duties = async (desk: Desk) =>
      (await desk.board.listDuties({})).duties.filter((one) => one.kind === kind);
    const before = (await duties(releaser)).length;
    const id = await requested();
    const mine = await duties(releaser);
    expect(mine.length).toBe(before + 1);
    expect(
      JSON.stringify(mine, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain(NAME);
    // Neither who asked nor another desk group has anything to do.
    expect(await Promise.all([officer, other, border].map(duties))).toEqual([[], [], []]);
    await declining(releaser, id);
    expect((await duties(releaser)).length).toBe(before);
  });

  it('turns it down with a reason; who asked takes it back, and nobody else’s', async () => {
    const [first, second] = [await requested(), await requested()];
    expect(await codeOf(declining(releaser, first, ' '))).toBe('INVALID_REQUEST');
    expect(await codeOf(declining(other, first))).toBe('NOT_PERMITTED');
    for (const [desk, id] of [
      [officer, first],
      [releaser, second],
    ] as const) {
      expect((await declining(desk, id)).screening).toMatchObject({
        state: PrivateScreeningState.PRIVATE_SCREENING_STATE_DECLINED,
        note: 'not needed',
        answers: [],
      });
      expect(await codeOf(approving(releaser, id))).toBe('NOT_OPEN');
      expect(await actions(id)).toEqual(['declined', 'requested']);
    }
  });

  it('has a day: afterwards it is deleted, and the trail says that nobody decided', async () => {
    const [open, answered] = [await requested(), await requested()];
    await approving(releaser, answered);
    passTime(DAY_MS);
    expect(await codeOf(approving(releaser, open))).toBe('NOT_FOUND');
    expect((await listed(officer)).map(({ id }) => id)).not.toContain(open);
    const { store } = world.xa.temporary;
    await retain({ store, clock });
    expect(await store.read((tx) => tx.privateInquiries.byId(open))).toBeUndefined();
    expect(await store.read((tx) => tx.privateInquiries.byId(answered))).toBeUndefined();
    expect(await actions(open)).toEqual(['lapsed', 'requested']);
    expect(await actions(answered)).toEqual(['approved', 'requested']);
  });

  it('is asked by nobody in an exercise: partners list what is live (R21)', async () => {
    const mode = { mode: 'exercise' } as const;
    expect(await codeOf(officer.screening.privateScreen({ names: [NAME], reason }, mode))).toBe('REFUSED');
    const partners = async (desk: Desk, how = {}) =>
      (await desk.screening.getScreeningStatus({}, how)).privatePartners;
    expect([await partners(officer), await partners(officer, mode), await partners(auditor)]).toEqual([
      ['XB', 'XC'],
      [],
      [],
    ]);
  });
});

/** As `officer issue` makes one. */
function officerFolder(dir: string, certPem: string, keyPem: string): string {
  mkdirSync(dir);
  const desk = JSON.stringify({ address: world.server.address, serverName: nodeHost('XA') });
  for (const [name, text] of [
    ['cert.pem', certPem],
    ['key.pem', keyPem],
    ['ca.pem', world.ca],
    ['desk.json', desk],
  ] as const)
    writeFileSync(join(dir, name), text, { mode: 0o600 });
  return dir;
}

describe('tocsin screen private', () => {
  it('asks, approves, declines and lists', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tocsin-private-'));
    try {
      const folders = new Map<string, string>();
      for (const [name, role] of [
        ['asker', 'officer'],
        ['second', 'releaser'],
      ] as const) {
        const { certPem, keyPem } = await world.officer('customs', role, name);
        folders.set(name, officerFolder(join(dir, name), certPem, keyPem));
      }
      const as = (name: string) => ({ officer: folders.get(name) ?? '' });
      const said: unknown[] = [];
      const lines: string[] = [];
      const output = {
        json: false,
        colour: false,
        line: (text = '') => void lines.push(text),
        table: () => undefined,
        document: (value: unknown) => void said.push(value),
      };
      await ask(
        ['Borgatil', 'Venskadze'],
        { ...as('asker'), reason, document: ['xa:P 4417/02'], imo: ['IMO 0001016'] },
        output,
      );
      await expect(ask([], { ...as('asker'), reason }, output)).rejects.toMatchObject({ code: 'USAGE' });
      await expect(ask([], { ...as('asker'), reason, document: ['P4417'] }, output)).rejects.toMatchObject({
        code: 'USAGE',
      });
      const [{ id, state, question }] = said as [{ id: string; state: string; question: object }];
      expect([state, question]).toMatchObject([
        'open',
        {
          names: ['Borgatil Venskadze'],
          identifiers: [
            { scheme: 'document', country: 'XA', value: 'P 4417/02' },
            { scheme: 'imo', country: '', value: 'IMO 0001016' },
          ],
        },
      ]);
      await approve([id], { ...as('second'), note: 'go' }, output);
      expect(said.at(-1)).toMatchObject({ state: 'answered', answers: [{ outcome: 'failed' }, {}] });
      await ask(['Nobody', 'Nowhere'], { ...as('asker'), reason, partner: ['XB'] }, output);
      await decline([(said.at(-1) as { id: string }).id], { ...as('asker'), reason: 'a mistake' }, output);
      await listPrivate([], { ...as('asker'), limit: 2 }, output);
      expect(said.at(-1)).toMatchObject({ screenings: [{ state: 'declined' }, { state: 'answered' }] });
      expect(lines.join('\n')).toMatch(/XB {2}no answer, PARTNER_UNREACHABLE: /);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
