/**
 * Chromium with an officer's card: certificates in a store of NSS, as cards and tokens show theirs, and the policy by which a managed
 * browser presents one without asking (AutoSelectCertificateForUrls). Policies are read from one folder of the machine, so the browser
 * runs where that folder is another: in a mount namespace of its own, which root may make.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { type IssuedCertificate, toPkcs12 } from '../../src/identity/index.ts';
import { PROGRAM, startChromium } from './console-browser.ts';

const PASSWORD = 'a password for the way';
/** Where Debian's Chromium looks for policies. */
const POLICIES = '/etc/chromium';

/** Why a browser with a card cannot be had on this machine; undefined where it can. */
export function cardsLacking(): string | undefined {
  for (const program of ['certutil', 'pk12util'])
    if (spawnSync(program, ['-H']).error) return `${program} is missing (Debian: libnss3-tools)`;
  if (!existsSync(POLICIES)) return `${POLICIES}, where Debian's Chromium reads its policies, is missing`;
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0)
    return 'a mount namespace, in which the browser has policies of its own, is for root';
  return undefined;
}

export interface CardsOptions {
  /** Of the console: where the card is presented, and who may be believed to be it. */
  readonly origin: string;
  readonly ca: string;
  /** On the card; none = a browser without one. */
  readonly certificate?: IssuedCertificate;
}

export interface CardBrowser extends AsyncDisposable {
  readonly browser: Browser;
}

export async function browserWithCard({ origin, ca, certificate }: CardsOptions): Promise<CardBrowser> {
  const home = mkdtempSync(join(tmpdir(), 'tocsin-card-'));
  const at = (...path: readonly string[]): string => join(home, ...path);
  const database = `sql:${at('.pki', 'nssdb')}`;
  mkdirSync(at('.pki', 'nssdb'), { recursive: true });
  const nss = (program: string, ...args: readonly string[]) =>
    execFileSync(program, ['-d', database, ...args], { stdio: 'pipe' });
  nss('certutil', '-N', '--empty-password');
  writeFileSync(at('ca.pem'), ca);
  nss('certutil', '-A', '-n', 'authority', '-t', 'C,,', '-i', at('ca.pem'));
  if (certificate !== undefined) {
    // As `tocsin officer issue --p12-password` gives it to be put into a browser.
    writeFileSync(at('card.p12'), await toPkcs12(certificate, { friendlyName: 'card', password: PASSWORD }), {
      mode: 0o600,
    });
    nss('pk12util', '-i', at('card.p12'), '-W', PASSWORD);
  }
  mkdirSync(at('etc', 'policies', 'managed'), { recursive: true });
  writeFileSync(
    at('etc', 'policies', 'managed', 'card.json'),
    JSON.stringify({ AutoSelectCertificateForUrls: [JSON.stringify({ pattern: origin, filter: {} })] }),
  );
  // The namespace and its mount end with the browser; the machine's own folder stays as it is.
  const start = `mount --bind '${at('etc')}' ${POLICIES} && exec ${PROGRAM} "$@"`;
  writeFileSync(
    at('chromium'),
    `#!/bin/sh\nexec unshare --mount sh -c '${start.replaceAll("'", `'"'"'`)}' chromium "$@"\n`,
  );
  chmodSync(at('chromium'), 0o700);
  const { hostname } = new URL(origin);
  const browser = await startChromium({
    program: at('chromium'),
    args: [`--host-resolver-rules=MAP ${hostname} 127.0.0.1`],
    env: { HOME: home },
  });
  return {
    browser,
    async [Symbol.asyncDispose]() {
      await browser.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
