/** The agency's own sign-in in node.yaml: what may be believed about who signs in, and by which way it comes. */
import { describe, expect, it } from 'vitest';
import { openidSchema } from '../../../src/node/openid-config.ts';

const RIGHT = { name: 'Customs', issuer: 'https://login.xa.example/realm', clientId: 'tocsin-xa' };

const faultsOf = (change: object) =>
  openidSchema
    .safeParse({ ...RIGHT, ...change })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('the agency’s own sign-in', () => {
  it('is a public client whose officers are named by `sub`, unless it says otherwise', () => {
    expect(openidSchema.parse(RIGHT)).toEqual({ ...RIGHT, claim: 'sub', loopbackHttp: false });
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'may be at %s where the configuration says so, and not otherwise',
    (issuer) => {
      expect(faultsOf({ issuer, loopbackHttp: true })).toEqual([]);
      expect(faultsOf({ issuer })).toEqual([expect.stringMatching(/^issuer: expected https;/)]);
    },
  );

  it.each([
    'http://login.xa.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'http://10.0.0.1',
  ])('is never at %s', (issuer) => {
    expect(faultsOf({ issuer })).toEqual([expect.stringMatching(/^issuer: expected https: /)]);
    expect(faultsOf({ issuer, loopbackHttp: true })).toEqual(
      expect.arrayContaining([expect.stringMatching(/^issuer: expected https: /)]),
    );
  });

  it('has no key for plain HTTP where it is not on this machine', () => {
    expect(faultsOf({ loopbackHttp: true })).toEqual([expect.stringMatching(/^loopbackHttp: /)]);
  });

  it.each([
    'login.xa.example',
    'ftp://login.xa.example',
    'https://login.xa.example/?realm=1',
    'https://login.xa.example/#a',
    'https://user:word@login.xa.example',
  ])('has no issuer %s', (issuer) => {
    expect(faultsOf({ issuer })).toEqual([expect.stringMatching(/^issuer: /)]);
  });

  it.each(['email', 'preferred_username', 'name', 'phone_number'])(
    'does not name officers by %s, which may become another’s',
    (claim) => {
      expect(faultsOf({ claim })).toEqual([expect.stringMatching(/^claim: expected a claim that stays/)]);
    },
  );

  it('may name them by a claim of the agency’s own', () => {
    expect(faultsOf({ claim: 'staff_number' })).toEqual([]);
  });
});
