/** What the READMEs name is there: files behind links, verbs, scripts, reasons, metrics, keys of the configuration. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { registerCommands } from '../../src/cli/verbs.ts';
import { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import { parseConfig } from '../../src/node/index.ts';
import { createMetrics } from '../../src/node/metrics.ts';
import { reasonName } from '../../src/record/index.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const readmes = globSync('**/README.md', {
  cwd: root,
  exclude: (path) => path.split('/').includes('node_modules'),
}).sort();

/** Rows of a table, cells trimmed; `\|` inside a cell is a bar. */
const rowsUnder = (text: string, header: RegExp): string[][] => {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => header.test(line));
  const rows: string[][] = [];
  for (const line of lines.slice(first + 2)) {
    if (first < 0 || !line.startsWith('|')) break;
    rows.push(
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.replaceAll('\\|', '|').trim()),
    );
  }
  return rows;
};

describe('every README', () => {
  it('stands in every folder of src that people write', () => {
    const folders = readdirSync(join(root, 'src')).filter((name) => name !== 'gen');
    expect(folders.filter((name) => !readmes.includes(`src/${name}/README.md`))).toEqual([]);
  });

  it.each(readmes)('%s links to what is there', (readme) => {
    const links = [...read(readme).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    const missing = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !existsSync(join(root, dirname(readme), link)));
    expect(missing).toEqual([]);
  });

  it('names npm scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = readmes.flatMap((readme) => {
      const text = read(readme);
      const run = [...text.matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, name = '']) => name);
      return [...run, ...(text.match(/npm (?:start|test)\b/g) ?? []).map((call) => call.slice(4))];
    });
    expect([...new Set(named)].filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

describe("the README's table of verbs", () => {
  it('lists every verb of the command, and no other', () => {
    const program = new Command();
    registerCommands(program);
    const verbs = program.commands.flatMap((command) =>
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((verb) => `${command.name()} ${verb.name()}`),
    );
    const named = rowsUnder(read('README.md'), /^\| verb \|/).flatMap(([cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, span = '']) => {
        const [first = '', ...more] = span.split('|').map((part) => part.trim());
        const group = first.split(' ')[0] ?? '';
        return [first, ...more.map((verb) => `${group} ${verb}`)];
      }),
    );
    expect(named.sort()).toEqual(verbs.sort());
  });
});

describe('the table of reasons', () => {
  const rows = rowsUnder(read('proto/README.md'), /^\| n \| reason \|/);
  const said = new Map(
    [
      ...read('proto/tocsin/record/v1/reason.proto').matchAll(/((?: {2}\/\/ .*\n)+) {2}REASON_(\w+) = \d+;/g),
    ].map(([, comment = '', name = '']) => [
      name,
      comment
        .trim()
        .split('\n')
        .map((line) => line.trim().slice(3))
        .join(' ')
        .replace(/\.$/, ''),
    ]),
  );

  it('has each reason once, with its number, as the proto file describes it, and what to do', () => {
    const numbers = Object.values(Reason)
      .filter((number) => number >= 0)
      .sort((a, b) => a - b);
    expect(rows.map(([number]) => Number(number))).toEqual(numbers);
    for (const [number = '', name = '', meaning = '', remedy = ''] of rows) {
      const plain = reasonName(Number(number));
      expect(name).toBe(`\`${plain}\``);
      expect(meaning).toBe(said.get(plain));
      expect(remedy, plain).not.toBe('');
    }
  });

  it('is the only one', () => {
    const others = readmes.filter(
      (readme) => readme !== 'proto/README.md' && /^\|.*`EQUIVOCATION`.*\|.*\|/m.test(read(readme)),
    );
    expect(others).toEqual([]);
  });
});

describe('deploy/README.md', () => {
  it('names every metric of a node, and no other', () => {
    const own = createMetrics('XA')
      .registry.getMetricsAsArray()
      .map(({ name }) => name)
      .filter((name) => name.startsWith('tocsin_'));
    const named = rowsUnder(read('deploy/README.md'), /^\| metric \|/).flatMap(([cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    );
    expect(named.sort()).toEqual(own.sort());
  });

  it('stands beside an example of the configuration that is in order', () => {
    const config = parseConfig(read('deploy/node.example.yaml'), 'node.example.yaml');
    expect(config).toMatchObject({ node: 'XA', metrics: { host: '127.0.0.1' } });
    // Values behind keys that may be left out are the defaults, but for parts that are off, or elsewhere, without them.
    const least = { node: config.node, networkDigest: config.networkDigest, broker: config.broker };
    const { metrics: _metrics, store: _store, console: _console, ...rest } = config;
    const { private: _private, ...screening } = config.screening;
    const shown = { ...rest, screening };
    expect(parseConfig(JSON.stringify({ ...least, desk: {} }), 'least')).toEqual(shown);
  });
});
