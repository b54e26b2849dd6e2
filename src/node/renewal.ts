/**
 * Certificates that end are issued again by the authority, for the keys that they were for: the node's own, for its desk and at the
 * broker, and the authority's one for key statements, without which no statement is believed after two years.
 */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { textOf } from '../base/bytes.ts';
import {
  readSecret,
  renewNodeCertificate,
  renewStatementCertificate,
  writeSecret,
} from '../identity/index.ts';
import { type NodePaths, pathsOf } from './config.ts';
import { whileLocked } from './folder-lock.ts';
import { AUTHORITY_FILES, loadAuthority, NODE_SECRETS, nodeIdOf, tlsNameOf } from './founding.ts';

export interface RenewOptions {
  readonly dir: string;
  /** Folder of the national authority, where it is not the node's own. */
  readonly authority?: string;
  readonly nowMs: number;
}

export interface Renewed {
  readonly node: string;
  /** Ends, milliseconds: of the node's certificate, and of the one that the next key statements are signed under. */
  readonly certificateEndsAt: number;
  readonly statementsEndAt: number;
}

/** Throws NOT_INITIALISED (no authority at hand), FOLDER_BUSY; AUTHORITY_INPUT_INVALID where the authority has ended itself. */
export async function renewCertificates({ dir, authority: from, nowMs }: RenewOptions): Promise<Renewed> {
  const paths = pathsOf(dir);
  const node = nodeIdOf(paths);
  return whileLocked(paths.keysLock, async () => {
    const of: NodePaths = from === undefined ? paths : { ...paths, authority: from };
    const authority = await loadAuthority(of);
    const tlsKey = await readSecret(join(paths.keys, NODE_SECRETS.tlsKey));
    const own = await renewNodeCertificate({
      authority,
      node,
      nowMs,
      publicKey: createPublicKey(textOf(tlsKey)),
      hosts: [tlsNameOf(paths)],
    });
    const statements = await renewStatementCertificate({
      authority,
      node,
      nowMs,
      publicKey: createPublicKey(authority.statementKeyPem),
    });
    await writeSecret(join(of.authority, AUTHORITY_FILES.statementCertPem), statements);
    await writeSecret(paths.tlsCertificate, own);
    return { node, certificateEndsAt: endOf(own), statementsEndAt: endOf(statements) };
  });
}

const endOf = (pem: string): number => new X509Certificate(pem).validToDate.getTime();
