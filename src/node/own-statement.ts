/**
 * The node's own key statement while it runs: taken up from its file, at the start and whenever another is put there, and the
 * keyring changed over to the keys that it names in the same moment. Keys whose overlap is over are deleted.
 */

import { sleep } from '../base/async.ts';
import { hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { Directory } from '../exchange/index.ts';
import { KeyStatement, type SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { endOfKey, hybridFingerprint, type Keyring, STATED_ROLES, statedKeys } from '../identity/index.ts';
import { judgeSigned, reasonName } from '../record/index.ts';
import type { NodePaths } from './config.ts';
import { NodeError } from './errors.ts';
import type { Logger } from './logger.ts';
import { readStatement } from './node-files.ts';

export interface OwnStatementDeps {
  readonly directory: Directory;
  readonly keyring: Keyring;
  readonly paths: NodePaths;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The next look where no key is about to end; nothing depends on it. */
const LOOK_MS = 3_600_000;

export class OwnStatement {
  readonly #deps: OwnStatementDeps;

  private constructor(deps: OwnStatementDeps) {
    this.#deps = deps;
  }

  /** Takes up what the folder holds. Throws NETWORK_MISMATCH where no partner would believe it, or a private key is missing. */
  static async open(deps: OwnStatementDeps): Promise<OwnStatement> {
    const own = new OwnStatement(deps);
    const { directory, keyring, logger } = deps;
    directory.onStatement(({ statement }) => {
      if (statement.node !== directory.self) return;
      keyring.use(statedKeys(statement));
      logger.info({ sequence: String(statement.sequence) }, 'another key statement is in use');
    });
    await own.takeUp();
    // The store may hold a higher one than the file, where an older file was put back.
    const { statement } = directory.own();
    own.#assertHeld(statement);
    keyring.use(statedKeys(statement));
    return own;
  }

  /** The statement file may be newer than the store: a higher one is put in force by writing it there. */
  async takeUp(): Promise<void> {
    const { directory, keyring, paths } = this.#deps;
    const signed = readStatement(paths);
    await keyring.readAgain();
    this.#assertHeld(claimOf(directory.network, signed));
    const verdict = await directory.judgeAndKeep(directory.self, signed);
    if (!verdict.ok)
      throw new NodeError({
        code: 'NETWORK_MISMATCH',
        message: `no partner would believe the key statement of this node (${reasonName(verdict.reason)}): ${verdict.detail}`,
      });
  }

  /** Deletes keys when their overlap is over, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.retire();
      await sleep(waitMs, signal).catch(() => undefined);
    }
  }

  /**
   * Deletes the keys that the statement in use ended before now.
   *
   * @returns how long until the next one ends, milliseconds
   */
  async retire(): Promise<number> {
    const { directory, keyring, clock, logger } = this.#deps;
    const { statement } = directory.own();
    const nowMs = clock.nowMs();
    let next = nowMs + LOOK_MS;
    for (const role of STATED_ROLES)
      for (const key of keyring.publicKeys(role)) {
        const end = endOfKey(statement, key);
        if (end === undefined) continue;
        if (end > nowMs) next = Math.min(next, end);
        else {
          const fingerprint = hybridFingerprint(key);
          await keyring.retire(role, fingerprint);
          logger.info({ role, key: hex(fingerprint).slice(0, 16) }, 'a key that ended is deleted');
        }
      }
    return Math.max(1, next - nowMs);
  }

  /** A statement whose keys are not here would silence the node: every signature of ours would be refused. */
  #assertHeld(statement: KeyStatement | undefined): void {
    if (statement === undefined) return;
    const { keyring, paths } = this.#deps;
    const keys = statedKeys(statement);
    const missing = STATED_ROLES.filter((role) => !keyring.holds(role, keys[role]));
    if (missing.length > 0)
      throw new NodeError({
        code: 'NETWORK_MISMATCH',
        message: `${paths.statement} names keys whose private halves are not in ${paths.keys} (${missing.join(', ')}): restore both from one backup, or make a statement with \`tocsin keys rotate\``,
      });
  }
}

/** What the file says, unverified; undefined where that cannot be read, which its judgement then tells. */
function claimOf(network: Uint8Array, signed: SignedKeyStatement): KeyStatement | undefined {
  const body = judgeSigned('statement', network, signed.body);
  if (!body.ok) return undefined;
  try {
    const claim = KeyStatement.decode(body.value);
    statedKeys(claim);
    return claim;
  } catch {
    return undefined;
  }
}
