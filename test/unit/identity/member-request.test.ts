import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorityPublicKey } from '../../../src/identity/issuing.ts';
import { encodeMemberRequest, parseMemberRequest, toMember } from '../../../src/identity/member-request.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';

let federation: Federation;
let text: string;

beforeAll(async () => {
  federation = await makeFederation({
    nodes: [{ node: 'XA', deskGroups: [1, 2], duties: ['euc-verifier'], groups: ['sac', 'eac'] }],
  });
  const { authority, keyring } = federation.of('XA');
  text = encodeMemberRequest({
    node: 'XA',
    name: 'State of XA',
    country: 'XA',
    role: 'national',
    groups: ['sac', 'eac'],
    deskGroups: ['customs', 'police'],
    duties: ['euc-verifier'],
    brokerUser: '',
    authorityCertificate: authority.rootCertPem,
    authorityKey: authorityPublicKey(authority),
    governanceKey: keyring.governance,
  });
});
afterAll(() => federation[Symbol.asyncDispose]());

describe('a member request', () => {
  test('becomes the line of the roster that it asks for', () => {
    const { member, governanceKey } = toMember(parseMemberRequest(text), federation.nowMs - 86_400_000);
    expect(member).toEqual(federation.of('XA').member);
    expect(governanceKey).toEqual({ member: 'XA', key: federation.of('XA').keyring.governance });
  });

  test('holds no private part', () => {
    expect(text).not.toContain('PRIVATE');
  });

  test.each<[string, Record<string, unknown>]>([
    ['node', { node: 'xa' }],
    ['country', { country: 'XAA' }],
    ['role', { role: 'king' }],
    ['groups.0', { groups: ['SAC'] }],
    ['deskGroups.0', { deskGroups: ['node'] }],
    ['authorityCertificate', { authorityCertificate: 'none' }],
    ['authorityKey', { authorityKey: 'AAAA' }],
    ['governanceKey.ed25519', { governanceKey: { ed25519: 'AAAA', mlDsa44: '' } }],
    ['brokerUser', { brokerUser: `S${'A'.repeat(57)}` }],
    ['unknown', { unknown: 1 }],
  ])('with a fault in %s is refused by name', (path, change) => {
    const wrong = JSON.stringify({ ...JSON.parse(text), ...change });
    expect(() => parseMemberRequest(wrong)).toThrow(
      expect.objectContaining({ code: 'MEMBER_REQUEST_INVALID', message: expect.stringContaining(path) }),
    );
  });

  const pem = (characters: number) => {
    const { authorityCertificate } = JSON.parse(text);
    // Text before a certificate in PEM says nothing (RFC 7468 §2).
    return `${'x'.repeat(characters - authorityCertificate.length - 1)}\n${authorityCertificate}`;
  };
  test.each<[string, number, (count: number) => Record<string, unknown>]>([
    ['a name of %i characters at most', 200, (count) => ({ name: 'x'.repeat(count) })],
    ['%i groups at most', 64, (count) => ({ groups: Array(count).fill('sac') })],
    ['%i duties at most', 64, (count) => ({ duties: Array(count).fill('euc-verifier') })],
    ['%i desk groups at most', 16, (count) => ({ deskGroups: Array(count).fill('customs') })],
    ['a certificate of %i characters at most', 32 * 1024, (count) => ({ authorityCertificate: pem(count) })],
  ])('has %s', (_what, most, change) => {
    const read = (count: number) =>
      parseMemberRequest(JSON.stringify({ ...JSON.parse(text), ...change(count) }));
    expect(() => read(most)).not.toThrow();
    expect(() => read(most + 1)).toThrow(expect.objectContaining({ code: 'MEMBER_REQUEST_INVALID' }));
  });

  test('that says one thing twice is refused: others would read the first', () => {
    const twice = text.replace('{', '{"node": "XB",');
    expect(JSON.parse(twice).node).toBe('XA');
    expect(() => parseMemberRequest(twice)).toThrow(
      expect.objectContaining({ code: 'MEMBER_REQUEST_INVALID' }),
    );
  });

  test('that is no JSON is refused', () => {
    expect(() => parseMemberRequest('{')).toThrow(
      expect.objectContaining({ code: 'MEMBER_REQUEST_INVALID' }),
    );
  });
});
