/** `tocsin keys show | rotate | revoke | renew`: the keys that speak for a node, in its folder. */
import type { StatedRole } from '../../identity/index.ts';
import { type KeysChanged, renewCertificates, reportKeys, revokeKey, rotateKeys } from '../../node/index.ts';
import { instant } from '../desk-access.ts';
import { type Output, shown } from '../print.ts';

/** Enough to tell keys of one node apart, and to name one. */
const DIGITS = 16;

export async function show(
  _args: readonly string[],
  options: { readonly dir: string },
  output: Output,
): Promise<void> {
  const report = await reportKeys({ dir: options.dir, nowMs: Date.now() });
  output.line(
    `${report.node}: key statement ${report.sequence}, incarnation ${report.incarnation}, from ${instant(report.notBeforeMs)}, believed until ${instant(report.believedUntilMs)}`,
  );
  output.table(
    ['key', 'fingerprint', 'state', 'since', 'statement', 'until', 'private half'],
    report.keys.map((key) => [
      key.role,
      key.fingerprint.slice(0, DIGITS),
      key.reason === undefined ? key.state : `${key.state}: ${shown(key.reason)}`,
      key.since === undefined ? '–' : instant(key.since.atMs),
      key.since === undefined ? '–' : String(key.since.sequence),
      key.untilMs === undefined ? '–' : instant(key.untilMs),
      key.held ? 'here' : 'not here',
    ]),
  );
  output.line('');
  output.table(
    ['prekey', 'state', 'from', 'until'],
    report.prekeys.map((key) => [
      key.id.slice(0, DIGITS),
      key.state,
      instant(key.notBeforeMs),
      instant(key.notAfterMs),
    ]),
  );
  output.line('');
  output.line(`certificate of the desk and at the broker: until ${instant(report.certificate.notAfterMs)}`);
  output.document({
    ...report,
    notBefore: instant(report.notBeforeMs),
    notAfter: instant(report.notAfterMs),
  });
}

function printChange(changed: KeysChanged, dir: string, output: Output): void {
  for (const key of changed.keys) {
    const ends = `${key.before.slice(0, DIGITS)} counts until ${instant(key.endsAt)}`;
    output.line(
      key.after === undefined
        ? `${key.role}: ${ends}`
        : `${key.role}: ${key.after.slice(0, DIGITS)} is in use; ${ends}`,
    );
  }
  output.line(
    `key statement ${changed.sequence} of ${changed.node} lies in ${dir}; a running node takes it up within seconds, and tells its partners`,
  );
  output.document(changed);
}

export async function rotate(
  _args: readonly string[],
  options: {
    readonly dir: string;
    readonly key?: readonly StatedRole[];
    readonly overlap: number;
    readonly authority?: string;
  },
  output: Output,
): Promise<void> {
  const { dir, key, overlap, authority } = options;
  const changed = await rotateKeys({
    dir,
    overlapMs: overlap,
    nowMs: Date.now(),
    ...(key === undefined ? {} : { roles: key }),
    ...(authority === undefined ? {} : { authority }),
  });
  printChange(changed, dir, output);
}

export async function revoke(
  [key = '']: readonly string[],
  options: {
    readonly dir: string;
    readonly reason: string;
    readonly from?: number;
    readonly authority?: string;
  },
  output: Output,
): Promise<void> {
  const { dir, reason, from, authority } = options;
  const changed = await revokeKey({
    dir,
    key,
    reason,
    nowMs: Date.now(),
    ...(from === undefined ? {} : { fromMs: from }),
    ...(authority === undefined ? {} : { authority }),
  });
  printChange(changed, dir, output);
}

export async function renew(
  _args: readonly string[],
  options: { readonly dir: string; readonly authority?: string },
  output: Output,
): Promise<void> {
  const { dir, authority } = options;
  const renewed = await renewCertificates({
    dir,
    nowMs: Date.now(),
    ...(authority === undefined ? {} : { authority }),
  });
  output.line(
    `certificate of ${renewed.node} at its desk and at the broker: until ${instant(renewed.certificateEndsAt)}, once the node is restarted`,
  );
  output.line(
    `key statements of ${renewed.node} can be made until ${instant(renewed.statementsEndAt)}: \`tocsin keys rotate\` makes the next`,
  );
  output.document(renewed);
}
