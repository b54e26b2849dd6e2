/** `tocsin keys …`: the keys that speak for a node. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { StatedRole } from '../../identity/index.ts';
import { instantOption } from '../roster-options.ts';
import { nodeDir, runs } from '../verb.ts';

const ROLES = ['log', 'exercise-log', 'link', 'witness'] as const satisfies readonly StatedRole[];

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 90 * 86_400_000;

/** `90s`, `30m`, `24h`, `7d`, in milliseconds. */
function duration(value: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(value) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (count === '' || !(ms <= LONGEST_MS))
    throw new InvalidArgumentError('expected a time such as 90s, 30m, 24h or 7d, up to 90 days.');
  return ms;
}

function roles(value: string, before: readonly StatedRole[] = []): StatedRole[] {
  const role = ROLES.find((one) => one === value);
  if (role === undefined) throw new InvalidArgumentError(`expected one of ${ROLES.join(', ')}.`);
  return [...before, role];
}

const authority = () =>
  new Option('--authority <dir>', "folder of the national authority, where it is not in the node's folder");

export function keys(program: Command): void {
  const group = program
    .command('keys')
    .description('keys that speak for a node: what there is, new ones, taken back');
  runs(
    group
      .command('show')
      .description('every key of a node: since when it counts and until when, and its stock of prekeys')
      .addOption(nodeDir()),
    async () => (await import('../commands/keys.ts')).show,
  );
  runs(
    group
      .command('rotate')
      .description(
        'make new keys and the key statement that names them; the old ones count until the overlap is over; a running node takes it up within seconds',
      )
      .addOption(nodeDir())
      .option(
        '--key <name>',
        'log, exercise-log, link or witness; once for each (default: all of them)',
        roles,
      )
      .option('--overlap <time>', 'how long the old keys count beside the new ones', duration, 24 * 3_600_000)
      .addOption(authority()),
    async () => (await import('../commands/keys.ts')).rotate,
  );
  runs(
    group
      .command('revoke')
      .description(
        'take a key back at once, with a new one in its place: what it signed counts only where others saw it before',
      )
      .argument('<key>', 'log, exercise-log, link or witness, or the first digits of a fingerprint')
      .addOption(nodeDir())
      .requiredOption('--reason <text>', 'why; partners read it')
      .option('--from <instant>', 'since when it may be in other hands (default: now)', instantOption)
      .addOption(authority()),
    async () => (await import('../commands/keys.ts')).revoke,
  );
  runs(
    group
      .command('renew')
      .description(
        "have the authority issue the node's certificate, and the one that its key statements are signed under, again; restart the node after it",
      )
      .addOption(nodeDir())
      .addOption(authority()),
    async () => (await import('../commands/keys.ts')).renew,
  );
}
