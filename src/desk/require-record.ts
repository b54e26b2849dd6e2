/** What an officer may do with one record of partners', under any of the grants by which it came. */
import { hex } from '../base/bytes.ts';
import { type Access, notFound } from './access.ts';
import { askedOf, type OpenedRecord, openByDigest } from './open-record.ts';
import type { DeskAction, DeskNode, DeskStore } from './ports.ts';
import type { OfficerSession } from './session.ts';

export interface RequireDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
}

/** The record as the officer sees it. Throws NOT_FOUND where he may not know of it. */
export async function openForOfficer(
  deps: RequireDeps,
  session: OfficerSession,
  headerDigest: Uint8Array,
): Promise<OpenedRecord> {
  const found = await deps.store.read((tx) => openByDigest(tx, deps, headerDigest, session));
  if (found === undefined) throw notFound('record');
  return found;
}

/** As `openForOfficer`; throws REFUSED besides, after it is in the audit trail, where no grant permits the action. */
export async function requireOnRecord(
  deps: RequireDeps,
  session: OfficerSession,
  action: DeskAction,
  headerDigest: Uint8Array,
): Promise<OpenedRecord> {
  const one = await openForOfficer(deps, session, headerDigest);
  const { access } = deps;
  const grant = one.items?.find((item) => access.judge(session, action, askedOf(one, session, item)).allowed);
  await access.require(session, action, hex(headerDigest), askedOf(one, session, grant ?? one.items?.[0]));
  return one;
}
