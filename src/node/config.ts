/**
 * A node's configuration: node.yaml in the node's folder, read once, checked whole (every fault listed with its path, unknown
 * keys refused), frozen. It holds no secret: keys are files of their own with mode 0600, see identity/keyring.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { FieldFault } from '../base/error.ts';
import { FLOOR_FORMS } from '../screening/index.ts';
import { describePostgres, StoreError } from '../store/index.ts';
import { NodeError } from './errors.ts';
import { openidSchema } from './openid-config.ts';
import { privateScreeningSchema } from './private-screening-config.ts';

const whole = (least: number, most: number) =>
  z
    .number(`expected a whole number from ${least} to ${most}`)
    .int(`expected a whole number from ${least} to ${most}`)
    .min(least, `expected ${least} to ${most}`)
    .max(most, `expected ${least} to ${most}`);
const port = whole(0, 65_535);
const milliseconds = whole(10, 86_400_000);
const path = z.string().min(1);

/** Browsers give passkeys and cookies that need TLS to `https:`, and to this machine by its name. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.origin !== text) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === 'localhost');
}

export const configSchema = z.strictObject({
  /** Node id. */
  node: z
    .string()
    .regex(
      /^[A-Z][A-Z0-9]{1,11}$/,
      'expected a node id: an upper-case letter, then 1 to 11 upper-case letters or digits',
    ),
  /** Pinned network digest: SHA-256 of roster version 1, compared by voice. */
  networkDigest: z
    .string('expected 64 hexadecimal digits in quotes')
    .regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits'),
  broker: z.strictObject({
    /** `tls://host:port` of each server. */
    servers: z
      .array(z.string().regex(/^(tls|nats):\/\/[^\s/]+:\d+$/, 'expected tls://host:port'))
      .min(1, 'expected at least one server')
      .max(16, 'expected at most 16 servers'),
    /** PEM file with the broker's certificate authority. */
    ca: path,
    /** Name in the broker's certificate. */
    serverName: z.string().min(1),
  }),
  desk: z.strictObject({
    /** Address the desk's gRPC listens on. */
    host: z.string().min(1).default('127.0.0.1'),
    port: port.default(7443),
  }),
  /** The desk for browsers; left out = off. */
  console: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(8443),
      /** Where browsers find it; passkeys count there alone. */
      origin: z
        .string()
        .refine(isOrigin, 'expected https://host or https://host:port; http:// on localhost alone'),
      /** PEM files of a certificate for that name and its key of mode 0600; left out = the node's own. */
      certificate: path.optional(),
      key: path.optional(),
      /** A session that is not used, and any session, ends after so long. */
      idleMs: milliseconds.default(1_800_000),
      sessionMs: milliseconds.default(43_200_000),
      /** The agency's own sign-in; left out = none. */
      openid: openidSchema.optional(),
    })
    .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
      path: ['key'],
      message: 'expected certificate and key together',
    })
    .optional(),
  /** Left out = a file of the node's folder, on SQLite. */
  store: z
    .strictObject({
      /** `postgres://user@host:port/database?…`, without a password. */
      url: z.string().superRefine((url, { addIssue }) => {
        try {
          describePostgres(url);
        } catch (error) {
          if (!(error instanceof StoreError)) throw error;
          addIssue({ code: 'custom', message: error.message });
        }
      }),
      /** File of mode 0600 with the password on one line. */
      passwordFile: path.optional(),
    })
    .optional(),
  /** Cedar file with the state's own policy. */
  nationalPolicy: path.default('policy/national.cedar'),
  log: z
    .strictObject({
      /** One checkpoint a tick. */
      tickMs: milliseconds.default(60_000),
      /** Leaves a tick, real and dummy together. */
      quota: whole(1, 4096).default(8),
      /** A checkpoint, or a partner's record, that is not witnessed for so long is an alarm. */
      unwitnessedMs: milliseconds.default(900_000),
      /** A partner's log of which no younger checkpoint is known is an alarm. */
      staleMs: milliseconds.default(1_800_000),
    })
    .prefault({}),
  exchange: z
    .strictObject({
      /** Heartbeat of a link with recent traffic, and of a quiet one. */
      heartbeatMs: milliseconds.default(60_000),
      idleHeartbeatMs: milliseconds.default(600_000),
      /** First wait for a receipt before a parcel is sent again; doubles up to the maximum. */
      resendMs: milliseconds.default(30_000),
      resendMaxMs: milliseconds.default(900_000),
      /** Attachments of all partners together, each way. */
      attachmentBytesPerSecond: whole(65_536, 1_073_741_824).default(4_194_304),
      /** Without any partner heard for so long, facets of class P lock until recalls are here: R14 says 72 hours at most. */
      cutOffMs: whole(10, 259_200_000).default(259_200_000),
    })
    .refine(({ cutOffMs, idleHeartbeatMs }) => cutOffMs > 2 * idleHeartbeatMs, {
      path: ['cutOffMs'],
      message: 'expected more than twice idleHeartbeatMs: partners that are only quiet would count as silent',
    })
    .prefault({}),
  audit: z
    .strictObject({
      /** The head of the audit trail goes into the node's own log so often. */
      anchorMs: milliseconds.default(3_600_000),
    })
    .prefault({}),
  screening: z
    .strictObject({
      /** What partners graded lower is a lead that starts nothing, a scheme each (R22); the lowest of each = no floor. */
      gradingFloor: z
        .strictObject({
          nato6x6: z.string().regex(FLOOR_FORMS.nato6x6, 'expected A to F and 1 to 6, as C3').default('F6'),
          eu4x4: z.string().regex(FLOOR_FORMS.eu4x4, 'expected A, B, C or X and 1 to 4, as C3').default('X4'),
          uk3x5x2: z.string().regex(FLOOR_FORMS.uk3x5x2, 'expected 1 to 3 and A to E, as 2C').default('3E'),
        })
        .prefault({}),
      /** Partners ask whether a name is listed without telling it; left out = off. */
      private: privateScreeningSchema,
    })
    .prefault({}),
  /** Prometheus metrics and health on loopback; left out = off. */
  metrics: z.strictObject({ host: z.string().min(1).default('127.0.0.1'), port }).optional(),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
});

export type NodeConfig = Readonly<z.infer<typeof configSchema>>;

/** Where a node keeps what; all paths absolute. */
export interface NodePaths {
  readonly dir: string;
  readonly config: string;
  readonly store: string;
  /** Folder of encrypted attachments. */
  readonly blobs: string;
  readonly keys: string;
  readonly authority: string;
  readonly authorityRoot: string;
  readonly tlsCertificate: string;
  readonly memberRequest: string;
  readonly rosterHistory: string;
  /** Which of two rosters of one version the operator chose, where governments signed two. */
  readonly rosterChoice: string;
  readonly statement: string;
  /** Key statements that the one in use replaced, `<sequence>.bin`. */
  readonly statements: string;
  /** There while a command changes the keys. */
  readonly keysLock: string;
  /** Officers' certificates that were taken back. */
  readonly revokedOfficers: string;
  /** Officers who were invited to the console by a command. */
  readonly invitations: string;
  /** The index of screening, made again where it is missing. */
  readonly screeningIndex: string;
}

export function pathsOf(dir: string): NodePaths {
  const root = resolve(dir);
  return Object.freeze({
    dir: root,
    config: join(root, 'node.yaml'),
    store: join(root, 'store.sqlite'),
    blobs: join(root, 'blobs'),
    keys: join(root, 'keys'),
    authority: join(root, 'authority'),
    authorityRoot: join(root, 'authority-root.pem'),
    tlsCertificate: join(root, 'tls.pem'),
    memberRequest: join(root, 'member.json'),
    rosterHistory: join(root, 'roster-history.bin'),
    rosterChoice: join(root, 'roster-choice.json'),
    statement: join(root, 'statement.bin'),
    statements: join(root, 'statements'),
    keysLock: join(root, 'keys', '.changing'),
    revokedOfficers: join(root, 'revoked-officers.json'),
    invitations: join(root, 'invitations.json'),
    screeningIndex: join(root, 'screening-index.bin'),
  });
}

/** A path of the configuration, read relative to the node's folder. */
export const inNode = (paths: NodePaths, path: string): string =>
  isAbsolute(path) ? path : join(paths.dir, path);

/** One fault a key, also where the schema says several unknown keys at once. */
function faultsOfIssue(issue: z.core.$ZodIssue): FieldFault[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      code: 'UNKNOWN_KEY',
      message: 'there is no such key: correct its name or remove it',
    }));
  return [{ path: path || '(whole file)', code: issue.code.toUpperCase(), message: issue.message }];
}

/** The configuration in YAML text; throws NodeError CONFIG_INVALID with every fault. `source` names it in messages. */
export function parseConfig(text: string, source: string): NodeConfig {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true, maxAliasCount: 0 } as never);
  if (document.errors.length > 0) {
    throw new NodeError({
      code: 'CONFIG_INVALID',
      message: `${source} is not valid YAML`,
      faults: document.errors.map((error) => ({
        path: `line ${error.linePos?.[0].line ?? '?'}`,
        code: 'YAML',
        message: (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:$/, ''),
      })),
    });
  }
  const result = configSchema.safeParse(plainOf(document, source));
  if (!result.success) {
    const faults = result.error.issues.flatMap(faultsOfIssue);
    throw new NodeError({
      code: 'CONFIG_INVALID',
      message: `${source} has ${faults.length} fault${faults.length === 1 ? '' : 's'}; deploy/node.example.yaml explains every key`,
      faults,
    });
  }
  return Object.freeze(result.data);
}

/** The document's values. An alias is refused: one line of them can stand for more than any memory holds. */
function plainOf(document: ReturnType<typeof parseDocument>, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new NodeError({
      code: 'CONFIG_INVALID',
      message: `${source} uses an alias ('*name'), or a merge of one: write the value itself`,
      cause,
    });
  }
}

/** Reads node.yaml of a node's folder. */
export function loadConfig(paths: NodePaths): NodeConfig {
  if (!existsSync(paths.config)) {
    throw new NodeError({
      code: existsSync(paths.memberRequest) ? 'NOT_JOINED' : 'NOT_INITIALISED',
      message: existsSync(paths.memberRequest)
        ? `${paths.dir} has no node.yaml: the node has not joined a network; run \`tocsin node join\``
        : `${paths.dir} is no node's folder: expected node.yaml; run \`tocsin node init\` first or name the folder with --dir`,
    });
  }
  let text: string;
  try {
    text = readFileSync(paths.config, 'utf8');
  } catch (cause) {
    throw new NodeError({ code: 'CONFIG_UNREADABLE', message: `cannot read ${paths.config}`, cause });
  }
  return parseConfig(text, paths.config);
}
