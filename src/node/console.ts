/** What the console needs of the node's folder and of its own program. */
import { readSecret } from '../identity/index.ts';
import { inNode, type NodeConfig, type NodePaths } from './config.ts';
import { NodeError } from './errors.ts';
import { readNodeText } from './node-files.ts';
import { VERSION } from './version.ts';

/** Folder of the built console, told by whatever starts the program; without it the API is served alone. */
const ASSETS = 'TOCSIN_CONSOLE_ASSETS';

interface OwnTls {
  readonly chain: string;
  readonly key: string;
  readonly authorityRoot: string;
}

/** Options of the console, where it is on. Plain HTTP is for an origin on this machine alone. */
export async function consoleOptions(paths: NodePaths, config: NodeConfig, own: OwnTls) {
  const { console } = config;
  if (console === undefined) return {};
  const assets = process.env[ASSETS] || undefined;
  const { host, port, origin, idleMs, sessionMs, openid } = console;
  return {
    console: {
      host,
      port,
      origin,
      version: VERSION,
      limits: { idleMs, lastsMs: sessionMs },
      ...(assets === undefined ? {} : { assets }),
      ...(openid === undefined ? {} : { openid: await openidOf(paths, openid) }),
      ...(origin.startsWith('https:') ? { tls: await tlsOf(paths, console, own) } : {}),
    },
  };
}

type OpenIdConfig = NonNullable<NonNullable<NodeConfig['console']>['openid']>;

/** Throws CONFIG_INVALID for a secret that is none, and what `readSecret` throws. */
async function openidOf(paths: NodePaths, config: OpenIdConfig) {
  const { name, issuer, clientId, claim, loopbackHttp, clientSecretFile } = config;
  const known = { name, issuer, clientId, claim, isLoopback: loopbackHttp };
  if (clientSecretFile === undefined) return known;
  const file = inNode(paths, clientSecretFile);
  const clientSecret = new TextDecoder().decode(await readSecret(file)).replace(/\r?\n$/, '');
  if (clientSecret === '' || /[\r\n]/.test(clientSecret))
    throw new NodeError({
      code: 'CONFIG_INVALID',
      message: `expected the secret of the OpenID client on one line of ${file}`,
    });
  return { ...known, clientSecret };
}

async function tlsOf(
  paths: NodePaths,
  { certificate, key }: NonNullable<NodeConfig['console']>,
  own: OwnTls,
) {
  const authorityPem = own.authorityRoot;
  if (certificate === undefined || key === undefined)
    return { certificateChainPem: own.chain, privateKeyPem: own.key, authorityPem };
  return {
    certificateChainPem: readNodeText(
      inNode(paths, certificate),
      'put the certificate there, or correct console.certificate in node.yaml',
    ),
    privateKeyPem: new TextDecoder().decode(await readSecret(inNode(paths, key))),
    authorityPem,
  };
}
