// The layer check: dependency-cruiser over src and test by the rules of .dependency-cruiser.cjs.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** Ours: packages that lie in a folder of their own are not. */
const typeScriptFiles = (dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        entry.name.endsWith('.ts') &&
        !/[/\\]node_modules[/\\]/.test(join(entry.parentPath, '/')) &&
        // Browser code has a rule of its own, which a test keeps: types of the desk's contract and nothing else of the program.
        !/[/\\]src[/\\]console[/\\]/.test(join(entry.parentPath, '/')),
    )
    .map((entry) => join(entry.parentPath, entry.name));

/** dependency-cruiser's reader stops at `using` declarations (TypeScript 5.2); for imports, `const` is the same. */
const readable = (text) =>
  text
    .replace(/\b(?:await )?using (?=[\w$]+(?:: [^=\n]+)? = )/g, 'const ')
    .replace(/\bfor \((?:await )?using /g, 'for (const ');

/**
 * Judges a project's src and test folders. dependency-cruiser reports success over no modules when its parser fails, so the
 * number of modules read is part of the answer.
 * @param {string} project root of the project to judge: its src, test, rules, package.json and tsconfig.json
 * @param {string} tools root of the project whose node_modules hold dependency-cruiser
 * @returns {{ violations: { from: string, to: string, rule: string, comment: string }[], modules: string[], expected: number, failure?: string }}
 */
export function judgeLayers(project, tools) {
  const copy = mkdtempSync(join(tmpdir(), 'tocsin-layers-'));
  try {
    for (const file of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
      cpSync(join(project, file), join(copy, file));
    symlinkSync(join(tools, 'node_modules'), join(copy, 'node_modules'));
    const folders = ['src', 'test'].filter((folder) => existsSync(join(project, folder)));
    const files = folders.flatMap((folder) => typeScriptFiles(join(project, folder)));
    for (const file of files) {
      const target = join(copy, relative(project, file));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, readable(readFileSync(file, 'utf8')));
    }
    const result = spawnSync(
      process.execPath,
      [
        join(tools, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
        '--config',
        '.dependency-cruiser.cjs',
        '--output-type',
        'json',
        ...folders,
      ],
      { cwd: copy, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
    );
    let report;
    try {
      report = JSON.parse(result.stdout);
    } catch {
      return {
        violations: [],
        modules: [],
        expected: files.length,
        failure: `${result.stdout}${result.stderr}`,
      };
    }
    const comments = new Map(
      (report.summary.ruleSetUsed?.forbidden ?? []).map((rule) => [rule.name, rule.comment]),
    );
    return {
      violations: report.summary.violations.map(({ from, to, rule }) => ({
        from,
        to,
        rule: rule.name,
        comment: comments.get(rule.name) ?? '',
      })),
      modules: report.modules.map(({ source }) => source).filter((source) => /^(src|test)\//.test(source)),
      expected: files.length,
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
