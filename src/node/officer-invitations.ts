/**
 * Officers who were invited to the console by a command, the first administrator among them: a file of the node's folder, which a
 * running node takes up within a second. It holds no token, only its digest.
 */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { fromHex, hex } from '../base/bytes.ts';
import { type Clock, systemClock, systemRandom } from '../base/clock.ts';
import { newAccount, newInvitation } from '../desk/index.ts';
import type { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import {
  certificatesFromPem,
  DESK_GROUP_TOKENS,
  type DeskGroupToken,
  judgeOfficer,
  OFFICER_ROLES,
  type OfficerRole,
  writeSecret,
} from '../identity/index.ts';
import type { Store } from '../store/index.ts';
import { loadConfig, type NodePaths, pathsOf } from './config.ts';
import { NodeError } from './errors.ts';
import { whileLocked } from './folder-lock.ts';
import { readNodeFile, readNodeText } from './node-files.ts';

/** Open at once; one more would make the file one that a node does not read. */
const MAX_INVITED = 10_000;
const HEX_64 = /^[0-9a-f]{64}$/;
const text = z.string().min(1).max(200);

const fileSchema = z.strictObject({
  invited: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[0-9a-f]{32}$/),
        identity: z.string().regex(HEX_64),
        name: text,
        agency: text,
        deskGroup: z.number().int().positive(),
        role: z.enum(OFFICER_ROLES),
        createdAt: z.number().int().nonnegative(),
        /** SHA-256 of the token in the link. */
        token: z.string().regex(HEX_64),
        expiresAt: z.number().int().nonnegative(),
      }),
    )
    .max(MAX_INVITED),
});

type Invited = z.infer<typeof fileSchema>['invited'][number];

/** Throws FILE_INVALID. */
function readInvited(path: string): readonly Invited[] {
  if (!existsSync(path)) return [];
  const remedy = 'remove it, and invite again whoever has no account yet';
  try {
    return fileSchema.parse(JSON.parse(new TextDecoder().decode(readNodeFile(path, remedy)))).invited;
  } catch (cause) {
    throw new NodeError({
      code: 'FILE_INVALID',
      message: `${path} is no list of invitations: ${remedy}`,
      cause,
    });
  }
}

/** Makes the accounts of the file that the store does not know yet; what it knows stays as it is. */
export async function takeUpInvitations(
  path: string,
  { store, clock }: { readonly store: Pick<Store, 'read' | 'write'>; readonly clock: Clock },
): Promise<void> {
  const now = clock.nowMs();
  const invited = readInvited(path).filter(({ expiresAt }) => expiresAt > now);
  if (invited.length === 0) return;
  const known = await store.read(async (tx) => new Set((await tx.accounts.list()).map(({ id }) => id)));
  for (const { token, expiresAt, ...who } of invited.filter(({ id }) => !known.has(id)))
    await store.write(async (tx) => {
      await tx.accounts.add({
        ...who,
        state: 'invited',
        failures: 0,
        lockedUntil: 0,
        locale: '',
        createdBy: 'node',
      });
      await tx.accounts.invite(fromHex(token), { account: who.id, expiresAt });
      const { name, role } = who;
      await tx.audit.append([
        {
          at: now,
          actor: 'node',
          action: 'officer.invited',
          subject: who.identity,
          detail: { officer: name, role },
        },
      ]);
    });
}

export interface InviteOfficerOptions {
  readonly dir: string;
  readonly name: string;
  readonly agency: string;
  readonly deskGroup: DeskGroupToken;
  readonly role: OfficerRole;
  /** PEM of the officer's certificate, so that both ways of signing in are one officer. */
  readonly certificate?: string;
}

/**
 * Writes an invitation into the node's folder; the link that the officer opens. Throws CONFIG_INVALID where the console is off, and
 * FILE_INVALID where too many wait.
 */
export async function inviteOfficer(options: InviteOfficerOptions): Promise<{ readonly link: string }> {
  const paths = pathsOf(options.dir);
  const config = loadConfig(paths);
  if (config.console === undefined)
    throw new NodeError({
      code: 'CONFIG_INVALID',
      message: `${paths.config} has no console: add the key first; deploy/node.example.yaml explains it`,
    });
  const sources = { clock: systemClock, random: systemRandom };
  const certificate =
    options.certificate === undefined ? undefined : fingerprintOf(options.certificate, paths, config.node);
  const { id, identity, name, agency, deskGroup, createdAt } = newAccount(
    sources,
    {
      name: options.name,
      agency: options.agency,
      deskGroup: DESK_GROUP_TOKENS[options.deskGroup] as DeskGroup,
      role: options.role,
      ...(certificate === undefined ? {} : { certificate }),
    },
    'node',
  );
  const { token, digest, expiresAt } = newInvitation(sources);
  const path = paths.invitations;
  await whileLocked(`${path}.changing`, async () => {
    const open = readInvited(path).filter((one) => one.expiresAt > sources.clock.nowMs());
    if (open.length >= MAX_INVITED)
      throw new NodeError({
        code: 'FILE_INVALID',
        message: `${path} holds ${MAX_INVITED} invitations that wait: invite again when some are used or over`,
      });
    const invited = [
      ...open,
      { id, identity, name, agency, deskGroup, role: options.role, createdAt, token: hex(digest), expiresAt },
    ];
    await writeSecret(path, `${JSON.stringify({ invited }, undefined, 2)}\n`);
  });
  // After the mark a browser sends nothing: the token stays out of servers' and proxies' logs.
  return { link: `${config.console.origin}/invitation#${token}` };
}

function fingerprintOf(certificate: string, paths: NodePaths, node: string): string {
  const [leaf] = certificatesFromPem(certificate);
  const [root] = certificatesFromPem(readNodeText(paths.authorityRoot, 'restore it from a backup'));
  const judged = leaf && root && judgeOfficer({ certificate: leaf, root, node, atMs: Date.now() });
  if (judged?.ok) return judged.value.fingerprint;
  throw new NodeError({
    code: 'FILE_INVALID',
    message: `expected the certificate of an officer of ${node}${judged ? `: ${judged.detail}` : ''}`,
  });
}
