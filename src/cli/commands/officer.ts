/** `tocsin officer issue`. */
import type { OfficerRole } from '../../identity/index.ts';
import { issueOfficer } from '../../node/index.ts';
import type { Output } from '../print.ts';
import { deskGroup } from './node.ts';

export async function issue(
  _args: readonly string[],
  options: {
    readonly dir: string;
    readonly name: string;
    readonly agency: string;
    readonly deskGroup: string;
    readonly role: OfficerRole;
    readonly validDays: number;
    readonly p12Password?: string;
    readonly out: string;
  },
  output: Output,
): Promise<void> {
  await issueOfficer({
    dir: options.dir,
    out: options.out,
    name: options.name,
    agency: options.agency,
    deskGroup: deskGroup(options.deskGroup),
    role: options.role,
    validDays: options.validDays,
    ...(options.p12Password === undefined ? {} : { p12Password: options.p12Password }),
    nowMs: Date.now(),
  });
  output.line(
    `${options.name} (${options.role}, ${options.deskGroup}) may sign in with --officer ${options.out}`,
  );
  output.document({
    officer: options.out,
    name: options.name,
    role: options.role,
    deskGroup: options.deskGroup,
  });
}
