/**
 * Officers' certificates that were taken back before their end: a file of the node's folder, which a running node takes up within
 * a second. There is no revocation list of the authority: the node is the only one that its officers sign in at.
 */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { certificatesFromPem, judgeOfficer, writeSecret } from '../identity/index.ts';
import type { Store } from '../store/index.ts';
import { loadConfig, type NodePaths, pathsOf } from './config.ts';
import { NodeError } from './errors.ts';
import { whileLocked } from './folder-lock.ts';
import { readNodeFile, readNodeText } from './node-files.ts';

const MAX_REVOKED = 100_000;
const TEXT_LENGTH = 200;
const FINGERPRINT = /^[0-9a-f]{64}$/;

const fileSchema = z.strictObject({
  revoked: z
    .array(
      z.strictObject({
        /** SHA-256 of the certificate, hexadecimal, as the audit trail names the officer. */
        fingerprint: z.string().regex(FINGERPRINT),
        name: z.string().max(TEXT_LENGTH),
        reason: z.string().max(TEXT_LENGTH),
        /** Milliseconds. */
        at: z.number().int().nonnegative(),
      }),
    )
    .max(MAX_REVOKED),
});

type Revoked = z.infer<typeof fileSchema>['revoked'][number];

/** Throws FILE_INVALID: who was put out must not come in again because a file cannot be read. */
function readRevoked(path: string): readonly Revoked[] {
  if (!existsSync(path)) return [];
  const remedy = 'restore it from a backup, or revoke the officers again';
  const bytes = readNodeFile(path, remedy);
  try {
    return fileSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).revoked;
  } catch (cause) {
    throw new NodeError({
      code: 'FILE_INVALID',
      message: `${path} is no list of revoked officers: ${remedy}`,
      cause,
    });
  }
}

/** What a running node knows of it. */
export class OfficerRevocations {
  readonly #path: string;
  readonly #deps: { readonly store: Pick<Store, 'write'>; readonly clock: Clock };
  #revoked: ReadonlySet<string>;
  /** Out already, and not in the audit trail yet. */
  #untold: readonly Revoked[] = [];

  /** Throws FILE_INVALID. */
  constructor(path: string, deps: { readonly store: Pick<Store, 'write'>; readonly clock: Clock }) {
    this.#path = path;
    this.#deps = deps;
    this.#revoked = new Set(readRevoked(path).map(({ fingerprint }) => fingerprint));
  }

  isRevoked(fingerprint: string): boolean {
    return this.#revoked.has(fingerprint);
  }

  /**
   * Reads the file again: the new ones are out before this returns, and in the audit trail after it. A file that went away, or cannot
   * be read, lets nobody in again while the node runs.
   */
  async takeUp(): Promise<void> {
    const known = this.#revoked;
    const fresh = readRevoked(this.#path).filter(({ fingerprint }) => !known.has(fingerprint));
    this.#revoked = new Set([...known, ...fresh.map(({ fingerprint }) => fingerprint)]);
    this.#untold = [...this.#untold, ...fresh];
    const untold = this.#untold;
    if (untold.length === 0) return;
    const at = this.#deps.clock.nowMs();
    await this.#deps.store.write((tx) =>
      tx.audit.append(
        untold.map(({ fingerprint, name, reason }) => ({
          at,
          actor: 'node',
          action: 'officer.revoked',
          subject: fingerprint,
          detail: { officer: name, reason },
        })),
      ),
    );
    this.#untold = [];
  }
}

export interface RevokeOfficerOptions {
  readonly dir: string;
  /** PEM of the certificate, or its fingerprint in hexadecimal. */
  readonly certificate: string;
  /** For people. */
  readonly reason: string;
  readonly nowMs: number;
}

export interface RevokedOfficer {
  readonly fingerprint: string;
  /** Empty where only the fingerprint is known. */
  readonly name: string;
  /** Was revoked before; nothing has changed. */
  readonly already: boolean;
}

/**
 * Takes an officer's certificate back for good. Throws FILE_INVALID for what is no certificate of an officer of this node and
 * no fingerprint.
 */
export async function revokeOfficer(options: RevokeOfficerOptions): Promise<RevokedOfficer> {
  const paths = pathsOf(options.dir);
  const { node } = loadConfig(paths);
  const { fingerprint, name } = officerIn(options.certificate, paths, node, options.nowMs);
  const path = paths.revokedOfficers;
  return whileLocked(`${path}.changing`, async () => {
    const revoked = readRevoked(path);
    if (revoked.some((one) => one.fingerprint === fingerprint)) return { fingerprint, name, already: true };
    const reason = options.reason.slice(0, TEXT_LENGTH);
    const entry: Revoked = { fingerprint, name: name.slice(0, TEXT_LENGTH), reason, at: options.nowMs };
    await writeSecret(path, `${JSON.stringify({ revoked: [...revoked, entry] }, undefined, 2)}\n`);
    return { fingerprint, name, already: false };
  });
}

function officerIn(
  certificate: string,
  paths: NodePaths,
  node: string,
  nowMs: number,
): { readonly fingerprint: string; readonly name: string } {
  const digits = certificate.replaceAll(/[\s:]/g, '').toLowerCase();
  if (FINGERPRINT.test(digits)) return { fingerprint: digits, name: '' };
  const [leaf] = certificatesFromPem(certificate);
  const [root] = certificatesFromPem(readNodeText(paths.authorityRoot, 'restore it from a backup'));
  const judged = leaf && root && judgeOfficer({ certificate: leaf, root, node, atMs: nowMs });
  if (judged?.ok) return judged.value;
  throw new NodeError({
    code: 'FILE_INVALID',
    message: `expected the certificate of an officer of ${node}, or its fingerprint of 64 hexadecimal digits${judged ? `: ${judged.detail}` : ''}`,
  });
}
