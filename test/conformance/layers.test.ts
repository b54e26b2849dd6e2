/** The layer rule of .dependency-cruiser.cjs: an upward import, a fenced package and a foreign inner file are caught. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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
    const result = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
        '--config',
        '.dependency-cruiser.cjs',
        '--output-type',
        'json',
        'src',
      ],
      { cwd: project, encoding: 'utf8' },
    );
    const report = JSON.parse(result.stdout) as {
      modules: { source: string }[];
      summary: { violations: { rule: { name: string } }[] };
    };
    expect(report.modules.filter((module) => module.source.startsWith('src/')).length).toBe(
      Object.keys(files).length,
    );
    return [...new Set(report.summary.violations.map((violation) => violation.rule.name))].sort();
  };

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'tocsin-layers-'));
    for (const file of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
      cpSync(join(root, file), join(project, file));
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
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

  it('catches cycles', () => {
    expect(
      judge({
        'src/base/a.ts': "import { b } from './b.ts';\nexport const a = (): unknown => b;\n",
        'src/base/b.ts': "import { a } from './a.ts';\nexport const b = (): unknown => a;\n",
      }),
    ).toEqual(['no-cycles']);
  });
});
