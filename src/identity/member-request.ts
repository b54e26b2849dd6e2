/** What a future member hands to those who found or extend a network: a JSON file with public parts only. */
import { z } from 'zod';
import { base64, fromBase64 } from '../base/bytes.ts';
import type { FieldFault } from '../base/error.ts';
import { parseJson } from '../base/json-text.ts';
import {
  type GovernanceKey,
  type Member,
  MemberRole,
  MemberStatus,
} from '../gen/tocsin/record/v1/identity.ts';
import { isGroupName, isNodeId } from '../record/index.ts';
import { certificatesFromPem } from './certificate.ts';
import { IdentityError } from './errors.ts';
import type { HybridPublic } from './hybrid.ts';
import { DESK_GROUP_TOKENS, type DeskGroupToken } from './officer.ts';
import { RAW_KEY_FORMS } from './raw-key.ts';

const ROLES = {
  national: MemberRole.MEMBER_ROLE_NATIONAL,
  hub: MemberRole.MEMBER_ROLE_HUB,
  hotline: MemberRole.MEMBER_ROLE_HOTLINE,
  observer: MemberRole.MEMBER_ROLE_OBSERVER,
} as const;
export type MemberRoleToken = keyof typeof ROLES;

/** As a roster has them at most (roster-form.ts): what is granted fits. */
const NAME_LENGTH = 200;
const LIST_LENGTH = 64;
/** Each of the desk groups there are, and room for more. */
const DESK_GROUPS = 16;
/** In PEM: a certificate of the largest size fits. */
const CERTIFICATE_CHARACTERS = 32 * 1024;

/** Canonical base64 of exactly so many bytes. */
const base64Bytes = (size: number) =>
  z.string().refine(
    (text) => {
      try {
        return fromBase64(text).length === size;
      } catch {
        return false;
      }
    },
    { message: `expected base64 of ${size} bytes` },
  );

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>): [Key, ...Key[]] =>
  Object.keys(record) as [Key, ...Key[]];

const memberRequest = z.strictObject({
  node: z.string().refine(isNodeId, { message: 'expected a node id such as XA' }),
  name: z.string().trim().min(1).max(NAME_LENGTH),
  country: z.string().regex(/^([A-Z]{2})?$/, { message: 'expected ISO 3166-1 alpha-2, or an empty text' }),
  role: z.enum(keysOf(ROLES)),
  groups: z
    .array(z.string().refine(isGroupName, { message: 'expected a lower-case group' }))
    .max(LIST_LENGTH),
  deskGroups: z.array(z.enum(keysOf(DESK_GROUP_TOKENS))).max(DESK_GROUPS),
  duties: z.array(z.string().regex(/^[a-z][a-z0-9-]{0,39}$/)).max(LIST_LENGTH),
  brokerUser: z
    .string()
    .regex(/^(U[A-Z2-7]{55})?$/, { message: 'expected a public user nkey, or an empty text' }),
  authorityCertificate: z
    .string()
    .max(CERTIFICATE_CHARACTERS)
    .refine((pem) => certificatesFromPem(pem).length === 1, { message: 'expected one certificate in PEM' }),
  authorityKey: base64Bytes(RAW_KEY_FORMS['ml-dsa-65'].keyBytes),
  governanceKey: z.strictObject({
    ed25519: base64Bytes(RAW_KEY_FORMS.ed25519.keyBytes),
    mlDsa44: base64Bytes(RAW_KEY_FORMS['ml-dsa-44'].keyBytes),
  }),
});

/** The file's content. */
export type MemberRequest = z.infer<typeof memberRequest>;

/** Reads a request. Throws MEMBER_REQUEST_INVALID with every fault. */
export function parseMemberRequest(text: string): MemberRequest {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw new IdentityError({
      code: 'MEMBER_REQUEST_INVALID',
      message: 'expected a member request in JSON',
      cause,
    });
  }
  const result = memberRequest.safeParse(json);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    ({ path, message, code }): FieldFault => ({ path: path.map(String).join('.'), code, message }),
  );
  throw new IdentityError({
    code: 'MEMBER_REQUEST_INVALID',
    message: `expected a member request: ${faults.map(({ path, message }) => `${path}: ${message}`).join('; ')}`,
    facts: { faults: faults.length },
  });
}

/** A request's text, as a future member writes it. */
export function encodeMemberRequest(
  options: Omit<MemberRequest, 'authorityKey' | 'governanceKey'> & {
    readonly authorityKey: Uint8Array;
    readonly governanceKey: HybridPublic;
  },
): string {
  const request: MemberRequest = {
    ...options,
    authorityKey: base64(options.authorityKey),
    governanceKey: {
      ed25519: base64(options.governanceKey.ed25519),
      mlDsa44: base64(options.governanceKey.mlDsa44),
    },
  };
  return `${JSON.stringify(request, undefined, 2)}\n`;
}

/** The text of a request with another governance key, everything else as it was. */
export const renewedRequest = (request: MemberRequest, governanceKey: HybridPublic): string => {
  const { authorityKey, ...rest } = request;
  return encodeMemberRequest({ ...rest, authorityKey: fromBase64(authorityKey), governanceKey });
};

/** The roster's lines for a request that was granted, active from `activeFromMs`. */
export function toMember(
  request: MemberRequest,
  activeFromMs: number,
): { readonly member: Member; readonly governanceKey: GovernanceKey } {
  const [certificate = new Uint8Array()] = certificatesFromPem(request.authorityCertificate);
  return {
    member: {
      node: request.node,
      name: request.name,
      country: request.country,
      role: ROLES[request.role],
      status: MemberStatus.MEMBER_STATUS_ACTIVE,
      statusFrom: BigInt(activeFromMs),
      groups: [...new Set(request.groups)].sort(),
      authorityCertificate: Buffer.from(certificate),
      authorityKey: Buffer.from(fromBase64(request.authorityKey)),
      brokerUser: request.brokerUser,
      deskGroups: [...new Set(request.deskGroups)]
        .map((token: DeskGroupToken) => DESK_GROUP_TOKENS[token])
        .sort((a, b) => a - b),
      duties: [...new Set(request.duties)].sort(),
    },
    governanceKey: {
      member: request.node,
      key: {
        ed25519: Buffer.from(fromBase64(request.governanceKey.ed25519)),
        mlDsa44: Buffer.from(fromBase64(request.governanceKey.mlDsa44)),
      },
    },
  };
}
