/** `tocsin screen` at a desk: one question, a file, what was asked before, a decision. All names are made up. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../src/cli/commands/screen.ts';
import { batch } from '../../src/cli/commands/screen-batch.ts';
import { decide, listScreenings, show, status } from '../../src/cli/commands/screen-past.ts';
import type { Output } from '../../src/cli/print.ts';
import { nodeHost } from '../../src/identity/index.ts';
import { readTable, writeXlsx } from '../../src/screening/batch/index.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let dir: string;

/** What a command prints, as text and as JSON. */
interface Said extends Output {
  readonly lines: string[];
  readonly documents: unknown[];
}

function listen(json = false): Said {
  const lines: string[] = [];
  const documents: unknown[] = [];
  return {
    json,
    colour: false,
    lines,
    documents,
    line: (text = '') => void lines.push(text),
    table: (header, rows) => void lines.push(header.join(' '), ...rows.map((row) => row.join(' '))),
    document: (value) => void documents.push(value),
  };
}

const at = (name: string) => join(dir, name);
const CARGO = {
  header: ['Ref', 'Vessel name', 'IMO', 'Consignee'],
  rows: [
    ['D-1', 'Blue Petrel', '0001016', ''],
    ['D-2', '', '', 'Ulrik Vantongeren'],
    ['D-3', '', '', '=Aksel Nobodyson'],
    ['D-4', '', '', ''],
  ],
};

beforeAll(async () => {
  world = await deskWorld();
  const example = exampleContent('watchlist-entry', clock.nowMs()) as Record<string, object> & {
    facets: Record<string, object>;
  };
  const { attachments: _, ...facets } = example.facets;
  const persons = [
    { ref: 'p1', names: [{ text: 'Ulrik Vantongeren' }], born: '1979-03-12', roles: ['broker'] },
  ];
  await world.deliver(
    await world.release(world.xb, {
      ...example,
      deskGroup: 'police',
      marking: { ...example.marking, releasableTo: ['sac'] },
      facets: { ...facets, persons: { persons } },
    }),
  );
  dir = mkdtempSync(join(tmpdir(), 'tocsin-screen-'));
  const { certPem, keyPem } = await world.officer('police', 'officer', 'Ola Officer');
  const file = (name: string, content: string | Uint8Array) =>
    writeFileSync(at(name), content, { mode: 0o600 });
  file('cert.pem', certPem);
  file('key.pem', keyPem);
  file('ca.pem', world.xa.member.authority.rootCertPem);
  file('desk.json', JSON.stringify({ address: world.server.address, serverName: nodeHost('XA') }));
  file('cargo.xlsx', writeXlsx(CARGO));
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await world[Symbol.asyncDispose]();
});

describe('tocsin screen', () => {
  it('says of a name what it meets, why, what was not compared, and against what', async () => {
    const said = listen();
    await ask(
      ['Ulrick', 'van', 'Tongeren'],
      { officer: dir, purpose: 'investigation', reference: 'D-7' },
      said,
    );
    const text = said.lines.join('\n');
    expect(text).toMatch(/^HIT: 1\. A hit is a lead/m);
    expect(text).toMatch(/^ {2}1 {2}(look|probable|certain) [\d.]+ {2}Ulrik Vantongeren/m);
    expect(text).toContain('not compared: born (not in the question)');
    expect(text).toMatch(/^screened against: XB 1 /m);
    const points = [...text.matchAll(/^ +([+−][\d.]+) {2}/gm)].map(([, point = '']) =>
      Number(point.replace('−', '-')),
    );
    const score = Number(/(?:look|probable|certain) ([\d.]+)/.exec(text)?.[1]);
    expect(points.reduce((sum, one) => sum + one, 0)).toBeCloseTo(score, 6);
    expect(said.documents).toMatchObject([
      { outcome: 'hit', hits: [{ originator: 'XB', facet: 'persons' }] },
    ]);
  });

  it('answers no hit with what was screened, and is no failure', async () => {
    const said = listen();
    await ask([], { officer: dir, name: 'Aksel Nobodyson' }, said);
    expect(said.lines[0]).toMatch(/^no hit|^taken for/);
    expect(said.documents).toMatchObject([{ outcome: 'no-hit', hits: [] }]);
  });

  it('takes a number by its option', async () => {
    const said = listen();
    await ask([], { officer: dir, imo: '0001016' }, said);
    expect(said.documents).toMatchObject([
      { outcome: 'hit', hits: [{ scheme: 'imo-ship', band: 'certain', listed: '0001016' }] },
    ]);
  });

  it('screens a workbook and writes another, never over one that is there', async () => {
    const said = listen();
    const options = { officer: dir, yes: true, purpose: 'investigation' };
    await batch([at('cargo.xlsx')], options, said);
    expect(said.documents).toMatchObject([
      { rows: 4, questions: 4, hits: 2, noHit: 2, notAsked: 0, out: at('cargo.screened.xlsx') },
    ]);
    const { header, rows } = readTable(new Uint8Array(readFileSync(at('cargo.screened.xlsx'))));
    expect(header.slice(0, 6)).toEqual([...CARGO.header, 'Outcome', 'Hits in row']);
    expect(rows.map(({ cells }) => cells.slice(3, 7))).toEqual([
      ['', 'hit', '1', 'certain'],
      ['Ulrik Vantongeren', 'hit', '1', 'certain'],
      [expect.stringMatching(/^'+=Aksel Nobodyson$/), 'no hit', '0', ''],
      ['', 'nothing to ask', '0', ''],
    ]);
    await expect(batch([at('cargo.xlsx')], options, listen())).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('asks nothing of a file whose columns nobody confirmed', async () => {
    const before = await listed();
    await expect(
      batch([at('cargo.xlsx')], { officer: dir, out: at('other.csv') }, listen(true)),
    ).rejects.toMatchObject({ code: 'USAGE' });
    expect(await listed()).toBe(before);
  });

  it('takes columns by name, and writes CSV where asked to', async () => {
    const said = listen();
    await batch([at('cargo.xlsx')], { officer: dir, map: ['name=Consignee'], out: at('names.csv') }, said);
    expect(said.documents).toMatchObject([{ questions: 2, hits: 1 }]);
    expect(readFileSync(at('names.csv'), 'utf8')).toMatch(/^\ufeffRef,Vessel name,IMO,Consignee,Outcome/);
  });

  it('lists what was asked; a hit is shown and decided', async () => {
    const said = listen();
    await listScreenings([], { officer: dir, open: true, limit: 10 }, said);
    const [{ screenings }] = said.documents as [{ screenings: { screeningId: string; reference: string }[] }];
    const id = screenings.find(({ reference }) => reference === 'D-7')?.screeningId ?? '';
    await decide([id, '1'], { officer: dir, verdict: 'false', reason: 'born elsewhere' }, listen());
    const after = listen();
    await show([id], { officer: dir }, after);
    expect(after.lines.join('\n')).toContain('decided false');
    await expect(
      decide([id, 'first'], { officer: dir, verdict: 'true', reason: 'x' }, listen()),
    ).rejects.toMatchObject({ code: 'USAGE' });
    const again = listen();
    await ask(['Ulrick van Tongeren'], { officer: dir }, again);
    expect(again.lines.join('\n')).toContain('no hit but 1 that this desk decided is another');
  });

  it('says what is screened against, and how much one may still ask', async () => {
    const said = listen();
    await status([], { officer: dir }, said);
    expect(said.lines[0]).toMatch(/^ready: \d+ names, \d+ numbers$/);
    expect(said.lines.at(-1)).toMatch(/^you may ask \d+ of \d+ this minute, \d+ of \d+ today$/);
  });
});

async function listed(): Promise<number> {
  const said = listen();
  await listScreenings([], { officer: dir, limit: 500 }, said);
  return (said.documents as [{ screenings: unknown[] }])[0].screenings.length;
}
