/** The prepared program counts for exactly the sources that it was made of; whatever else there is runs from its sources. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** The least of a console that its build asks for. */
const CONSOLE = new Map([
  ['worker/service-worker.ts', 'export {};'],
  ['worker/batch-worker.ts', 'export {};'],
  ['main.tsx', 'document.title = TOCSIN_LAND; declare const TOCSIN_LAND: string;'],
  ['index.html', '<link href="/%STYLE%"><script src="/%SCRIPT%"></script>'],
  ['bell.svg', '<svg/>'],
  ['manifest.webmanifest', '{}'],
  ...['base', 'parts', 'shell'].map((name): [string, string] => [
    `styles/${name}.css`,
    `.${name} { margin: 0; }`,
  ]),
]);

let project: string;
const run = (script: string) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(project, 'deploy', script)], {
    encoding: 'utf8',
  });
  return { status, stdout: stdout.trim(), stderr };
};
const write = (source: string) => writeFileSync(join(project, 'src', 'cli', 'main.ts'), source);
/** Prints whether it runs from where it is written, and where it thinks that it is written. */
const program = (word: string) =>
  `import { own } from './own.ts';
   console.log(own<string>('${word}'), import.meta.url.endsWith('main.ts'), import.meta.dirname);`;
const programs = () =>
  readdirSync(join(project, 'node_modules', '.cache', 'tocsin')).filter((name) =>
    name.startsWith('program-'),
  );

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'tocsin-prepared-'));
  mkdirSync(join(project, 'deploy'));
  for (const file of ['prepared.js', 'prepare.js', 'program.js', 'console.js'])
    cpSync(join(ROOT, 'deploy', file), join(project, 'deploy', file));
  mkdirSync(join(project, 'node_modules'));
  for (const name of ['rolldown', 'world-atlas'])
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  mkdirSync(join(project, 'src', 'cli'), { recursive: true });
  for (const folder of ['styles', 'worker'])
    mkdirSync(join(project, 'src', 'console', folder), { recursive: true });
  for (const [name, content] of CONSOLE) writeFileSync(join(project, 'src', 'console', name), content);
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  writeFileSync(join(project, 'package-lock.json'), '{}');
  writeFileSync(join(project, 'src', 'cli', 'own.ts'), 'export const own = <T>(value: T): T => value;');
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('a program', () => {
  it('runs from its sources until it is prepared, and then knows where these lie', () => {
    write(program('first'));
    const cli = join(project, 'src', 'cli');
    expect(run('program.js')).toMatchObject({ status: 0, stdout: `first true ${cli}` });
    expect(run('prepare.js')).toMatchObject({ status: 0, stderr: '' });
    expect(run('program.js')).toMatchObject({ status: 0, stdout: `first false ${cli}` });
  });

  it('runs from its sources once one of them is another, or one more, until it is prepared again', () => {
    write(program('second'));
    expect(run('program.js').stdout).toMatch(/^second true/);
    run('prepare.js');
    expect(run('program.js').stdout).toMatch(/^second false/);
    writeFileSync(join(project, 'src', 'more.ts'), '');
    expect(run('program.js').stdout).toMatch(/^second true/);
    writeFileSync(join(project, 'package-lock.json'), '{"lockfileVersion":3}');
    run('prepare.js');
    expect(run('program.js').stdout).toMatch(/^second false/);
  });

  it('is not prepared twice from the same sources, and of earlier ones few are kept', () => {
    run('prepare.js');
    const before = programs();
    run('prepare.js');
    expect(programs()).toEqual(before);
    for (const word of ['a', 'b', 'c', 'd', 'e', 'f']) {
      write(program(word));
      run('prepare.js');
    }
    expect(programs()).toHaveLength(4);
    expect(run('program.js').stdout).toMatch(/^f false/);
  });

  it('that cannot be prepared says so and fails as its sources do', () => {
    write(`import { missing } from './missing.ts'; console.log(missing);`);
    const prepared = run('prepare.js');
    expect(prepared).toMatchObject({ status: 0 });
    expect(prepared.stderr).toMatch(/^set-up: the program starts from its sources, slower: .*missing\.ts/s);
    const ran = run('program.js');
    expect(ran.status).not.toBe(0);
    expect(ran.stderr).toContain('missing.ts');
  });
});
