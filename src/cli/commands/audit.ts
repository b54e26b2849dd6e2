/** `tocsin audit show | verify | export`. */
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fromHex } from '../../base/bytes.ts';
import { judgeAuditFile } from '../../lifecycle/index.ts';
import { pathsOf, verifyStoredAudit } from '../../node/index.ts';
import { type AsOfficer, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { type Output, shown } from '../print.ts';

const PAGE = 500;

export function timeOf(text: string): bigint {
  const ms = Date.parse(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(ms))
    throw new CliError(
      'USAGE',
      `expected an ISO time, as 2026-01-31T08:00:00Z, got ${JSON.stringify(text.slice(0, 40))}`,
    );
  return BigInt(ms);
}

export async function show(
  _args: readonly string[],
  options: AsOfficer & {
    readonly subject?: string;
    readonly actor?: string;
    readonly action?: string;
    readonly since?: string;
    readonly limit: number;
  },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const asked = {
    subject: options.subject ?? '',
    actor: options.actor ?? '',
    action: options.action ?? '',
    since: options.since === undefined ? 0n : timeOf(options.since),
  };
  const rows = [];
  let cursor = '';
  do {
    const page = await desk.audit.listAudit({
      ...asked,
      pageSize: Math.min(PAGE, Math.max(1, options.limit - rows.length)),
      cursor,
    });
    rows.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== '' && rows.length < options.limit);
  const read = rows.map((row) => ({ ...row, detail: JSON.parse(row.detailJson) as Record<string, unknown> }));
  output.table(
    ['row', 'at', 'who', 'action', 'subject', 'facts'],
    read.map(({ seq, at, actor, action, subject, detail }) => {
      const { officer, ...facts } = detail;
      return [
        String(seq),
        instant(at),
        shown(typeof officer === 'string' ? `${officer} (${actor.slice(0, 8)})` : actor.slice(0, 16)),
        action,
        shown(subject.length > 32 ? `${subject.slice(0, 16)}…` : subject),
        shown(
          Object.entries(facts)
            .map(([name, value]) => `${name}=${String(value)}`)
            .join(', '),
        ),
      ];
    }),
  );
  if (cursor !== '') output.line('… and more; see --limit, --since, --subject, --actor, --action');
  output.document({
    rows: read.map(({ detailJson: _json, at, ...row }) => ({ ...row, at: instant(at) })),
    more: cursor !== '',
  });
}

interface Found {
  readonly intact: boolean;
  readonly rows: bigint;
  readonly anchors: number;
  readonly anchored: bigint;
  readonly brokenRow: bigint;
  readonly problem: string;
}

/** Judged at the running node, in the store of a stopped one, or in a file by anybody. */
export async function verify(
  _args: readonly string[],
  options: {
    readonly officer?: string;
    readonly exercise?: boolean;
    readonly dir?: string;
    readonly file?: string;
    readonly networkDigest?: string;
  },
  output: Output,
): Promise<void> {
  const found = await judged(options);
  if (found.intact) {
    output.line(`intact: ${found.rows} row${found.rows === 1n ? '' : 's'}, each bound to the one before`);
    output.line(
      found.anchored === 0n
        ? 'no anchor was judged yet: a trail cut at its end would not show'
        : `${found.anchors} anchor${found.anchors === 1 ? '' : 's'} in the node's log agree, the newest with row ${found.anchored}`,
    );
  }
  output.document(found);
  if (!found.intact)
    throw new CliError(
      'REFUSED',
      `the audit trail is NOT intact${found.brokenRow > 0n ? ` from row ${found.brokenRow} on` : ''}: ${shown(found.problem)}`,
    );
}

async function judged(options: Parameters<typeof verify>[1]): Promise<Found> {
  if (options.file !== undefined) {
    const lines = createInterface({
      input: createReadStream(options.file),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    const digest = options.networkDigest === undefined ? undefined : fromHex(options.networkDigest);
    const verdict = await judgeAuditFile(lines, digest);
    return verdict.ok ? whole(verdict.value.head, verdict.value) : broken(verdict);
  }
  if (options.dir !== undefined) {
    const verdict = await verifyStoredAudit(pathsOf(options.dir));
    return verdict.ok ? whole(verdict.value.head, verdict.value) : broken(verdict);
  }
  if (options.officer === undefined)
    throw new CliError(
      'USAGE',
      'expected --officer (a running node), --dir (a stopped one) or --file (an export)',
    );
  using desk = openOfficerDesk({ officer: options.officer });
  const { intact, rows, anchors, anchored, brokenRow, problem } = await desk.audit.verifyAudit(
    {},
    { timeoutMs: 600_000 },
  );
  return { intact, rows, anchors, anchored, brokenRow, problem };
}

const whole = (
  head: { readonly seq: bigint } | undefined,
  { anchors, anchored }: { readonly anchors: number; readonly anchored: bigint },
): Found => ({ intact: true, rows: head?.seq ?? 0n, anchors, anchored, brokenRow: 0n, problem: '' });

function broken({
  detail,
  facts,
}: {
  readonly detail: string;
  readonly facts: Readonly<Record<string, unknown>>;
}): Found {
  const row = BigInt(Number(facts.seq ?? 0));
  return {
    intact: false,
    rows: row > 0n ? row - 1n : 0n,
    anchors: 0,
    anchored: 0n,
    brokenRow: row,
    problem: detail,
  };
}

export async function exportFile(
  _args: readonly string[],
  options: AsOfficer & { readonly out: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const bytes = await saveWhole(options.out, desk.audit.exportAudit({}));
  output.line(`wrote ${bytes} bytes to ${options.out}`);
  output.line('anybody can judge it: `tocsin audit verify --file FILE --network-digest HEX`');
  output.document({ file: options.out, bytes });
}

/** A file that is there is whole: it gets its name when its last byte is on the disk. How many bytes it has. */
export async function saveWhole(
  path: string,
  pieces: AsyncIterable<{ readonly data: Uint8Array }>,
): Promise<number> {
  const partial = `${path}.partial`;
  const file = await open(partial, 'w', 0o600);
  let bytes = 0;
  try {
    for await (const { data } of pieces) {
      await file.write(data);
      bytes += data.length;
    }
    await file.sync();
    await file.close();
    await rename(partial, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
  return bytes;
}
