import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { registerCommands } from '../../../src/cli/verbs.ts';
import { tocsin } from '../../support/command.ts';

/** Verbs, and groups of verbs, with the words that lead to them. */
function commandsIn(command: Command, words: readonly string[] = []): { words: string; command: Command }[] {
  return command.commands.flatMap((inner) => {
    const path = [...words, inner.name()];
    return [{ words: path.join(' '), command: inner }, ...commandsIn(inner, path)];
  });
}

const program = new Command('tocsin');
registerCommands(program);
const commands = commandsIn(program);

describe('help', () => {
  it('is there for every verb of the command', () => {
    const verbs = commands.filter(({ command }) => command.commands.length === 0).map(({ words }) => words);
    expect(verbs.sort()).toMatchInlineSnapshot(`
      [
        "alarms export",
        "alarms list",
        "attachment add",
        "attachment describe",
        "attachment get",
        "attachment list",
        "audit export",
        "audit report",
        "audit show",
        "audit verify",
        "audit verify-report",
        "backup make",
        "backup verify",
        "break-glass list",
        "break-glass open",
        "break-glass review",
        "demo",
        "doctor",
        "fsck",
        "hotline broadcast",
        "hotline cancel",
        "hotline cap",
        "hotline close",
        "hotline countersign",
        "hotline drop",
        "hotline intake",
        "hotline progress",
        "hotline register",
        "hotline report",
        "hotline reports",
        "hotline scrub",
        "hotline send-back",
        "hotline update",
        "hotline warn",
        "import csv",
        "import eu-list",
        "import ofac-advanced",
        "import ofac-sdn",
        "import opensanctions",
        "import un-list",
        "inbox",
        "keys renew",
        "keys revoke",
        "keys rotate",
        "keys show",
        "log prove",
        "log show",
        "log verify",
        "network adopt",
        "network broker",
        "network create",
        "network diff",
        "network governance-key",
        "network mailboxes",
        "network propose",
        "network show",
        "network sign",
        "node init",
        "node join",
        "node recover",
        "node run",
        "node status",
        "node test-link",
        "officer invite",
        "officer issue",
        "officer revoke",
        "policy adopt",
        "policy check",
        "policy diff",
        "policy preview",
        "policy proposals",
        "policy propose",
        "policy test",
        "policy withdraw",
        "record accept",
        "record acknowledge",
        "record answer",
        "record ask",
        "record ask-consent",
        "record consent",
        "record consents",
        "record diff",
        "record draft",
        "record forward",
        "record holders",
        "record list",
        "record questions",
        "record readings",
        "record recall",
        "record release",
        "record revise",
        "record show",
        "record submit",
        "record withdraw-consent",
        "restore",
        "roster verify",
        "screen acknowledge",
        "screen alerts",
        "screen ask",
        "screen batch",
        "screen decide",
        "screen list",
        "screen private approve",
        "screen private ask",
        "screen private decline",
        "screen private list",
        "screen show",
        "screen status",
        "store migrate",
      ]
    `);
  });

  it.each(commands.map(({ words, command }) => [words, command] as const))(
    'of `%s` says what it does, takes, and fits a terminal',
    (_words, command) => {
      expect(command.description()).toMatch(/^\S.{9,}/);
      for (const option of command.options) expect(option.description).toMatch(/^\S/);
      const help = command.createHelp();
      help.helpWidth = 100;
      for (const line of help.formatHelp(command, help).split('\n'))
        expect(line.length).toBeLessThanOrEqual(100);
    },
  );

  it('answers without loading what verbs need', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tocsin-help-'));
    try {
      const ran = await tocsin(['record', 'release', '--help'], {
        env: { NODE_V8_COVERAGE: dir },
        // The prepared program's files are of many sources each.
        program: join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'main.ts'),
      });
      expect([ran.exitCode, ran.stderr]).toEqual([0, '']);
      expect(ran.stdout).toContain('Usage: tocsin record release');
      const loaded = readdirSync(dir).flatMap((name) =>
        (JSON.parse(readFileSync(join(dir, name), 'utf8')) as { result: { url: string }[] }).result.map(
          ({ url }) => url,
        ),
      );
      expect(loaded.some((url) => url.includes('commander'))).toBe(true);
      expect(
        loaded.filter((url) => /grpc|node-forge|cedar|nats|kysely|src\/(gen|desk|node)\//.test(url)),
      ).toEqual([]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
