/** The layer rule of .dependency-cruiser.cjs: an upward import, a fenced package and a foreign inner file are caught. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeLayers } from '../../deploy/layers.js';

const root = resolve(import.meta.dirname, '../..');

describe('the layer check', () => {
  let project: string;

  /** A project of a few files under the real rules, so that the real tree is not touched. */
  const judge = (files: Readonly<Record<string, string>>): string[] => {
    rmSync(join(project, 'src'), { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    }
    const { violations, modules, failure } = judgeLayers(project, root);
    expect(failure).toBeUndefined();
    expect(modules.length).toBe(Object.keys(files).length);
    return [...new Set(violations.map(({ rule }) => rule))].sort();
  };

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'tocsin-project-'));
    for (const file of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
      cpSync(join(root, file), join(project, file));
  });

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it('passes imports that point down', () => {
    expect(
      judge({
        'src/record/index.ts': 'export const kind = 1;\n',
        'src/exchange/index.ts': "import { kind } from '../record/index.ts';\nexport const parcel = kind;\n",
      }),
    ).toEqual([]);
  });

  it('catches an import that points up, even of a type', () => {
    expect(
      judge({
        'src/node/index.ts': 'export type Config = { a: number };\n',
        'src/record/index.ts':
          "import type { Config } from '../node/index.ts';\nexport const kind: Config = { a: 1 };\n",
      }),
    ).toEqual(['layer-record']);
  });

  it('catches transport knowing records, an inner file of another folder, and a fenced package', () => {
    expect(
      judge({
        'src/record/index.ts': "export { kind } from './kind.ts';\n",
        'src/record/kind.ts': 'export const kind = 1;\n',
        'src/transport/index.ts': "export { kind } from '../record/index.ts';\n",
        'src/desk/index.ts': "export { kind } from '../record/kind.ts';\n",
        'src/ledger/index.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
      }),
    ).toEqual(['fence-files', 'index-record', 'layer-transport']);
  });

  it('reads files with using declarations', () => {
    expect(
      judge({
        'src/node/index.ts': 'export const open = () => ({ [Symbol.dispose]() {} });\n',
        'src/record/index.ts':
          "import { open } from '../node/index.ts';\nexport async function run() {\n  using one = open();\n  await using two: AsyncDisposable = undefined as never;\n  return [one, two];\n}\n",
      }),
    ).toEqual(['layer-record']);
  });

  it('catches cycles', () => {
    expect(
      judge({
        'src/base/a.ts': "import { b } from './b.ts';\nexport const a = (): unknown => b;\n",
        'src/base/b.ts': "import { a } from './a.ts';\nexport const b = (): unknown => a;\n",
      }),
    ).toEqual(['no-cycles']);
  });
});

describe('the console', () => {
  const folder = join(root, 'src/console');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  );

  /** The reader of batch files runs in browsers too: whole in a worker of its own, by these parts where a page needs them. */
  const batch = ['index', 'fields', 'question-query', 'values'].map((name) =>
    join(root, `src/screening/batch/${name}.ts`),
  );

  /** The worker's own, and what errors of a file are told apart by there. */
  const worker = join(folder, 'worker/batch-file.ts');
  const ofWorker = [batch[0], join(root, 'src/base/error.ts')];

  it('imports nothing of the program but types of the desk’s HTTP contract, and the reader of batch files', () => {
    expect(files.length).toBeGreaterThan(40);
    const wrong = files.flatMap((file) => {
      const from = join(folder, file);
      const imports = readFileSync(from, 'utf8').matchAll(
        /^(import|export)( type)? [^;]*? from '(\.[^']+)'|import\('(\.[^']+)'\)/gm,
      );
      return [...imports].flatMap(([, , type, named = '', loaded = '']) => {
        const target = resolve(dirname(from), named || loaded);
        if (target.startsWith(`${folder}/`)) return [];
        const isType = type !== undefined && target === join(root, 'src/desk/http/contract.ts');
        // Not the whole of it where a page waits.
        const isBatch = batch.includes(target) && (target !== batch[0] || type !== undefined);
        const isOfWorker = from === worker && ofWorker.includes(target);
        return isType || isBatch || isOfWorker ? [] : [`${file}: ${target}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('gets with the reader of batch files nothing that only Node has', async () => {
    const bundle = await rolldown({ input: batch, platform: 'browser', logLevel: 'silent' });
    const { output } = await bundle.generate({ format: 'esm' });
    const chunks = output.flatMap((one) => (one.type === 'chunk' ? [one] : []));
    expect(chunks.length).toBeGreaterThan(0);
    expect(chunks.flatMap(({ imports }) => imports.filter((name) => !name.endsWith('.js')))).toEqual([]);
    expect(chunks.map(({ code }) => code).join('\n')).not.toMatch(/from ?['"]node:|\bBuffer\.from\(/);
  });
});
