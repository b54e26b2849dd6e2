/** Certificates of servers, of one authority made for the occasion, as the broker's and the database's operators have them. */
import { createAuthority, issueNodeCertificate } from '../../src/identity/index.ts';
import { testLeafKeys, testRsaKeys } from './rsa-keys.ts';

/** PEM texts. */
export interface ServerCertificate {
  readonly ca: string;
  /** With the authority's. */
  readonly chain: string;
  readonly key: string;
}

/** One for each host, valid from an hour ago for a year. `index` tells authorities apart by their keys. */
export async function certificatesFor(
  hosts: readonly string[],
  index = 0,
): Promise<ReadonlyMap<string, ServerCertificate>> {
  const nowMs = Date.now();
  const authority = await createAuthority({
    node: 'BROKER',
    name: 'Operator of a test',
    country: '',
    permittedHosts: hosts,
    nowMs,
    newRsaKey: testRsaKeys(index),
  });
  const issued = hosts.map(async (host) => {
    const order = { authority, node: 'BROKER', nowMs, hosts: [host], newRsaKey: testLeafKeys(index) };
    const { chainPem, keyPem } = await issueNodeCertificate(order);
    return [host, { ca: authority.rootCertPem, chain: chainPem, key: keyPem }] as const;
  });
  return new Map(await Promise.all(issued));
}
