/** Real Chromium in front of a console: pages of officers, what they complain of, axe, pictures outside the repository. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { preparedConsole } from '../../deploy/prepared.js';
import { systemRandom } from '../../src/base/clock.ts';
import { freePort } from '../../src/cli/demo/free-port.ts';
import { newAccount, newInvitation } from '../../src/desk/index.ts';
import type { OpenIdOptions } from '../../src/desk/sign-in/openid-provider.ts';
import type { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { DESK_GROUP_TOKENS, type DeskGroupToken, type OfficerRole } from '../../src/identity/index.ts';
import { clock, deskWorld, type World } from '../unit/desk/desk-world.ts';
import { codeAt, PASSWORD } from './api-browser.ts';
import { CuttableLink } from './cuttable-link.ts';

/** Debian's; another one by CHROMIUM. */
export const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where pictures of the pages are kept by a run. */
export const PICTURES = join(tmpdir(), 'tocsin-console-pictures');

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2, levels A and AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export interface Who {
  readonly name: string;
  readonly deskGroup: DeskGroupToken;
  readonly role: OfficerRole;
}

/** A page and what went wrong in it. */
export interface OfficerPage {
  readonly page: Page;
  /** Errors of scripts, of the policy about content, and of what was not found. */
  readonly complaints: string[];
}

/** `program`, `args` and `env` beside the usual ones. */
export async function startChromium({
  program = PROGRAM,
  args = [],
  env = {},
}: {
  readonly program?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
} = {}): Promise<Browser> {
  if (!existsSync(PROGRAM))
    throw new Error(`expected Chromium at ${PROGRAM}: install Debian's package chromium`);
  mkdirSync(PICTURES, { recursive: true });
  const known = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return chromium.launch({
    executablePath: program,
    args: [...FLAGS, ...args],
    env: { ...Object.fromEntries(known), ...env },
  });
}

/** A window of nobody. */
export async function openWindow(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<OfficerPage> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The answer that nobody is signed in yet is no complaint.
    if (message.type() === 'error' && !/ 401 /.test(message.text())) complaints.push(message.text());
  });
  return { page, complaints };
}

/** Signs an officer in by the link of an invitation, with a password and the code of `nowMs`; the page is empty yet. */
export async function enterByLink(page: Page, link: string, nowMs: number): Promise<void> {
  const { origin, hash } = new URL(link);
  const token = hash.slice(1);
  await page.goto(`${origin}/`);
  await page.locator('.door').waitFor();
  const post = (path: string, body: object) =>
    page.evaluate(
      async ([to, content]) => {
        const response = await fetch(`/api/v1${to}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(content),
        });
        return response.status === 204 ? {} : response.json();
      },
      [path, body] as const,
    );
  const { totpSecret } = (await post('/invitation', { token })) as { readonly totpSecret: string };
  await post('/invitation/password', { token, password: PASSWORD, code: codeAt(totpSecret, nowMs) });
}

export class ConsoleWorld implements AsyncDisposable {
  readonly world: World;
  readonly origin: string;
  /** Between browsers and the console. */
  readonly link: CuttableLink;
  readonly #browser: Browser;

  private constructor(world: World, origin: string, link: CuttableLink, browser: Browser) {
    this.world = world;
    this.link = link;
    this.origin = origin;
    this.#browser = browser;
  }

  /** `assets`: folder of a built console, the prepared one where none is given; `openidFor`: the agency's own sign-in at an origin. */
  static async open({
    assets = preparedConsole(),
    openidFor,
    privatePartners,
  }: {
    readonly assets?: string | undefined;
    readonly openidFor?: (origin: string) => Promise<OpenIdOptions>;
    /** As the desk's world has them. */
    readonly privatePartners?: readonly string[];
  } = {}): Promise<ConsoleWorld> {
    if (assets === undefined) throw new Error('expected the console to be built: run node deploy/prepare.js');
    const [near, port] = [await freePort(), await freePort()];
    const origin = `http://localhost:${near}`;
    const openid = await openidFor?.(origin);
    const world = await deskWorld({
      assets,
      origin,
      port,
      ...(openid === undefined ? {} : { openid }),
      ...(privatePartners === undefined ? {} : { privatePartners }),
    });
    const link = await CuttableLink.open(near, port);
    return new ConsoleWorld(world, origin, link, await startChromium());
  }

  /** A window of nobody. */
  window(options: BrowserContextOptions = {}): Promise<OfficerPage> {
    return openWindow(this.#browser, options);
  }

  /** The link of an invitation. */
  async invite({ name, deskGroup, role }: Who): Promise<string> {
    const deps = { clock, random: systemRandom };
    const account = newAccount(
      deps,
      { name, agency: 'Arvenia Customs', deskGroup: DESK_GROUP_TOKENS[deskGroup] as DeskGroup, role },
      'node',
    );
    const { token, digest, expiresAt } = newInvitation(deps);
    await this.world.xa.temporary.store.write(async (tx) => {
      await tx.accounts.add(account);
      await tx.accounts.invite(digest, { account: account.id, expiresAt });
    });
    return `${this.origin}/invitation#${token}`;
  }

  /** A window of an officer who is signed in; the page is empty yet. */
  async officer(who: Who, options: BrowserContextOptions = {}): Promise<OfficerPage> {
    const opened = await this.window(options);
    await enterByLink(opened.page, await this.invite(who), clock.nowMs());
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.link[Symbol.asyncDispose]();
    await this.world[Symbol.asyncDispose]();
  }
}

/** An authenticator of the device that verifies its user at once (W3C WebAuthn §11.2). Returns how to take it away. */
export async function withAuthenticator(page: Page): Promise<() => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return async () => {
    await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  };
}

/** Violations that axe finds, each with the places; empty where there is none. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  // Past the page's own content policy, which would not let it in.
  await page.evaluate(AXE);
  return page.evaluate(async (tags) => {
    const axe = Reflect.get(globalThis, 'axe') as {
      run(
        options: object,
      ): Promise<{ violations: { id: string; nodes: { target: unknown[]; html: string }[] }[] }>;
    };
    const { violations } = await axe.run({ runOnly: { type: 'tag', values: tags } });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
  }, RULES);
}

/** Pixels by which the page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
