/**
 * Who calls: the officer that the client certificate names. TLS has verified that it leads to this node's authority; here
 * the path is judged again by our own strict profile, since TLS accepts more (a node's certificate, a CA as leaf).
 */

import { X509Certificate } from 'node:crypto';
import { hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { Verdict } from '../base/verdict.ts';
import type { DeskGroup, Purpose } from '../gen/tocsin/record/v1/marking.ts';
import type { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { sha256, type World } from '../record/index.ts';
import { DeskError } from './errors.ts';
import { deskGroupName, MODE_KEY, PURPOSE_KEY, purposeFrom, purposeName } from './purpose.ts';

/** An officer as the certificate, or the account, says. */
export interface CertifiedOfficer {
  readonly node: string;
  readonly agency: string;
  readonly deskGroup: DeskGroup;
  readonly role: string;
  readonly name: string;
  /** SHA-256 of the certificate, or of the account where there is none, hexadecimal: the identity in drafts and audit. */
  readonly fingerprint: string;
}

export interface Officer extends CertifiedOfficer {
  /** End of the certificate or of the browser's session, milliseconds UTC. */
  readonly validUntilMs: number;
}

/** An officer with the purpose of one call. */
export interface OfficerSession extends Officer {
  /** As stated; undefined = any purpose that the desk group has. */
  readonly purpose: Purpose | undefined;
  /** The stated one, or all that the desk group has. */
  readonly purposes: readonly Purpose[];
  /** The world that the call works in: live unless it says otherwise (R21). */
  readonly world: World;
  /** What every audit row about the call says: who, for which desk, what for, in which world. */
  readonly facts: Readonly<Record<string, string>>;
}

export interface SessionDeps {
  readonly self: string;
  readonly clock: Clock;
  /** Judges path, profile and validity of a client certificate, and reads the officer out of it. */
  judgeOfficer(certificateDer: Uint8Array, atMs: number): Verdict<CertifiedOfficer, Reason>;
  /** What each desk group may ask for (R7). */
  purposesOf(deskGroup: DeskGroup): readonly Purpose[];
  /** Whether an administrator withdrew the certificate. */
  isRevoked(fingerprint: string): boolean;
}

/** More officers than a node has; a bound on memory, not on service: older entries are judged again. */
const CACHED_OFFICERS = 1000;

export class Sessions {
  readonly #deps: SessionDeps;
  readonly #officers = new Map<string, Officer>();

  constructor(deps: SessionDeps) {
    this.#deps = deps;
  }

  /** The officer and purpose of one call. Throws UNAUTHENTICATED, or INVALID_REQUEST for an unknown purpose. */
  authenticate(
    certificateDer: Uint8Array | undefined,
    purpose: string | undefined,
    mode?: string,
  ): OfficerSession {
    if (certificateDer === undefined)
      throw new DeskError({
        code: 'UNAUTHENTICATED',
        message:
          'expected the certificate of an officer of this node, got none: present one on the connection',
      });
    return this.sessionOf(this.#officerOf(certificateDer), purpose, mode);
  }

  /** The session of one call of an officer who is known. Throws as `authenticate` does. */
  sessionOf(officer: Officer, purpose: string | undefined, mode?: string): OfficerSession {
    const allowed = this.#deps.purposesOf(officer.deskGroup);
    const stated = statedPurpose(purpose, officer.deskGroup, allowed);
    const purposes = stated === undefined ? allowed : [stated];
    const world = statedWorld(mode);
    const facts = {
      officer: officer.name,
      deskGroup: deskGroupName(officer.deskGroup),
      role: officer.role,
      purpose: stated === undefined ? 'any of the desk group' : purposeName(stated),
      ...(world === 'exercise' ? { mode: 'exercise' } : {}),
    };
    const session = { ...officer, purpose: stated, purposes, world, facts };
    this.assertStillValid(session);
    return session;
  }

  /** Revocation and expiry count for calls under way too. */
  assertStillValid(officer: Officer): void {
    const problem =
      officer.validUntilMs <= this.#deps.clock.nowMs()
        ? 'the officer’s certificate is expired: ask the administrator for a new one'
        : this.#deps.isRevoked(officer.fingerprint)
          ? 'the officer’s certificate is revoked: ask the administrator'
          : undefined;
    if (problem !== undefined) throw new DeskError({ code: 'UNAUTHENTICATED', message: problem });
  }

  #officerOf(certificateDer: Uint8Array): Officer {
    const fingerprint = hex(sha256(certificateDer));
    const known = this.#officers.get(fingerprint);
    if (known !== undefined) return known;
    const judged = this.#deps.judgeOfficer(certificateDer, this.#deps.clock.nowMs());
    if (!judged.ok)
      throw new DeskError({
        code: 'UNAUTHENTICATED',
        message: `expected the certificate of an officer of this node: ${judged.detail}`,
        reason: judged.reason,
      });
    if (judged.value.node !== this.#deps.self)
      throw new DeskError({
        code: 'UNAUTHENTICATED',
        message: `expected an officer of ${this.#deps.self}, got one of ${judged.value.node}`,
      });
    if (this.#officers.size >= CACHED_OFFICERS) this.#officers.clear();
    const validUntilMs = new X509Certificate(certificateDer).validToDate.getTime();
    const officer = { ...judged.value, fingerprint, validUntilMs };
    this.#officers.set(fingerprint, officer);
    return officer;
  }
}

/** Anything but the two words is refused: a typing error must not make an exercise live. */
function statedWorld(text: string | undefined): World {
  if (text === undefined || text === '' || text === 'live') return 'live';
  if (text === 'exercise') return 'exercise';
  const expected = `expected live or exercise in the metadata ${MODE_KEY}`;
  throw new DeskError({
    code: 'INVALID_REQUEST',
    message: expected,
    faults: [{ path: MODE_KEY, code: 'MODE_UNKNOWN', message: expected }],
  });
}

/** A desk group that could name any purpose would make purpose limitation void (R7). */
function statedPurpose(
  text: string | undefined,
  group: DeskGroup,
  allowed: readonly Purpose[],
): Purpose | undefined {
  if (text === undefined || text === '') return undefined;
  const stated = purposeFrom(text);
  if (stated !== undefined && allowed.includes(stated)) return stated;
  const expected = `expected a purpose of ${deskGroupName(group)} in the metadata ${PURPOSE_KEY}: ${
    allowed.map(purposeName).join(', ') || 'it has none'
  }`;
  throw new DeskError({
    code: 'INVALID_REQUEST',
    message: expected,
    faults: [{ path: PURPOSE_KEY, code: 'PURPOSE_UNKNOWN', message: expected }],
  });
}
