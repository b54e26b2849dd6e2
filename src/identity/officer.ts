/**
 * Who sits at a desk, read from a client certificate. The subject says it in attributes that any tool shows: C country,
 * organizationIdentifier node id, O agency, OU desk group, title role, CN name.
 */
import type { Verdict } from '../base/verdict.ts';
import { believed, disbelieved } from '../base/verdict.ts';
import { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { isNodeId } from '../record/index.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { ATTRIBUTE, attributeOf } from './certificate-name.ts';
import { judgePath } from './certificate-profile.ts';
import { DerFault } from './der.ts';
import { IdentityError } from './errors.ts';

export const OFFICER_ROLES = [
  'officer',
  'releaser',
  'analyst',
  'operator',
  'controller',
  'administrator',
  'auditor',
  'observer',
] as const;
export type OfficerRole = (typeof OFFICER_ROLES)[number];

/** Desk groups that people sit in, as certificates and requests write them. */
export const DESK_GROUP_TOKENS = {
  police: DeskGroup.DESK_GROUP_POLICE,
  customs: DeskGroup.DESK_GROUP_CUSTOMS,
  licensing: DeskGroup.DESK_GROUP_LICENSING,
  military: DeskGroup.DESK_GROUP_MILITARY,
  border: DeskGroup.DESK_GROUP_BORDER,
  hotline: DeskGroup.DESK_GROUP_HOTLINE,
  hub: DeskGroup.DESK_GROUP_HUB,
  register: DeskGroup.DESK_GROUP_REGISTER,
} as const;
export type DeskGroupToken = keyof typeof DESK_GROUP_TOKENS;

export const isDeskGroupToken = (text: string): text is DeskGroupToken =>
  Object.hasOwn(DESK_GROUP_TOKENS, text);

/** Whether a role works in a desk group: hotlines have operators and controllers for officers and releasers, analysts are a hub's (domain, §4.1). */
export function worksIn(role: OfficerRole, deskGroup: DeskGroupToken): boolean {
  if (role === 'analyst') return deskGroup === 'hub';
  if (role === 'operator' || role === 'controller') return deskGroup === 'hotline';
  return deskGroup !== 'hotline' || (role !== 'officer' && role !== 'releaser');
}

export interface Officer {
  readonly node: string;
  readonly agency: string;
  readonly deskGroup: DeskGroup;
  readonly role: OfficerRole;
  readonly name: string;
  /** SHA-256 of the certificate, hexadecimal: names the officer in drafts and audit. */
  readonly fingerprint: string;
}

const isRole = (text: string): text is OfficerRole => OFFICER_ROLES.some((role) => role === text);

/** Undefined where an attribute is missing, repeated or outside its set. */
function officerIn(certificate: Certificate): Officer | undefined {
  const { subject, fingerprint } = certificate;
  const node = attributeOf(subject, ATTRIBUTE.organizationIdentifier) ?? '';
  const agency = attributeOf(subject, ATTRIBUTE.organization) ?? '';
  const group = attributeOf(subject, ATTRIBUTE.organizationalUnit) ?? '';
  const role = attributeOf(subject, ATTRIBUTE.title) ?? '';
  const name = attributeOf(subject, ATTRIBUTE.commonName) ?? '';
  if (!isNodeId(node) || agency === '' || name === '' || !isRole(role) || !isDeskGroupToken(group))
    return undefined;
  return { node, agency, deskGroup: DESK_GROUP_TOKENS[group], role, name, fingerprint };
}

/**
 * The officer that an already authenticated client certificate names (TLS has verified the path). Throws
 * CERTIFICATE_NOT_OFFICER for any other certificate.
 */
export function officerOf(certificateDer: Uint8Array): Officer {
  let officer: Officer | undefined;
  try {
    officer = officerIn(parseCertificate(certificateDer));
  } catch (cause) {
    if (!(cause instanceof DerFault)) throw cause;
  }
  if (officer === undefined)
    throw new IdentityError({
      code: 'CERTIFICATE_NOT_OFFICER',
      message: 'expected an officer certificate with node, agency, desk group, role and name in its subject',
    });
  return officer;
}

/** Judges a client certificate from its path up: reasons of judgePath, and ROLE where its subject names no officer of `node`. */
export function judgeOfficer(options: {
  readonly certificate: Uint8Array;
  readonly intermediates?: readonly Uint8Array[];
  readonly root: Uint8Array;
  readonly node: string;
  readonly country?: string;
  readonly atMs: number;
}): Verdict<Officer, Reason> {
  const { certificate, intermediates = [], root, node, country = '', atMs } = options;
  const path = judgePath({ leaf: certificate, intermediates, root, atMs, purpose: 'officer', country });
  if (!path.ok) return path;
  const officer = officerIn(path.value.leaf);
  return officer?.node === node
    ? believed(officer)
    : disbelieved(Reason.REASON_ROLE, `expected the certificate of an officer of ${node}`);
}
