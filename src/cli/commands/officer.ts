/** `tocsin officer invite | issue | revoke`. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DeskGroupToken, type OfficerRole, worksIn } from '../../identity/index.ts';
import { inviteOfficer, issueOfficer, revokeOfficer } from '../../node/index.ts';
import { CliError } from '../failure.ts';
import { readInputText } from '../files.ts';
import { type Output, shown } from '../print.ts';
import { deskGroup } from './node.ts';

/** Throws USAGE where nobody of the role works in the desk group. */
function seat(options: { readonly deskGroup: string; readonly role: OfficerRole }): DeskGroupToken {
  const group = deskGroup(options.deskGroup);
  if (worksIn(options.role, group)) return group;
  throw new CliError('USAGE', `expected a --role that works at the desk ${group}, got ${options.role}`);
}

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
    deskGroup: seat(options),
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

/** The officer's folder, a certificate as PEM, or a fingerprint as the audit trail has it. */
function certificateOf(who: string): string {
  if (!existsSync(who)) return who;
  return readInputText(statSync(who).isDirectory() ? join(who, 'cert.pem') : who);
}

export async function invite(
  _args: readonly string[],
  options: {
    readonly dir: string;
    readonly name: string;
    readonly agency: string;
    readonly deskGroup: string;
    readonly role: OfficerRole;
    readonly certificate?: string;
  },
  output: Output,
): Promise<void> {
  const { dir, name, agency, role, certificate } = options;
  const { link } = await inviteOfficer({
    dir,
    name,
    agency,
    role,
    deskGroup: seat(options),
    ...(certificate === undefined ? {} : { certificate: certificateOf(certificate) }),
  });
  output.line(
    `${shown(name)} (${role}, ${options.deskGroup}) opens this link once, within 72 hours, to choose how to sign in:`,
  );
  output.line(link);
  output.document({ link, name, role, deskGroup: options.deskGroup });
}

export async function revoke(
  [who = '']: readonly string[],
  options: { readonly dir: string; readonly reason: string },
  output: Output,
): Promise<void> {
  const { dir, reason } = options;
  const revoked = await revokeOfficer({ dir, certificate: certificateOf(who), reason, nowMs: Date.now() });
  const name = shown(revoked.name) || revoked.fingerprint;
  output.line(
    revoked.already
      ? `${name} was revoked before`
      : `${name} may sign in no more; a running node refuses the next call, and what is under way, within a second`,
  );
  output.document(revoked);
}
