/**
 * Builds a node bottom-up on one stack: what was opened is closed in reverse, also where a later part fails to open. The
 * only place where folders meet.
 */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { persevere, sleep, Wake } from '../base/async.ts';
import { fromHex } from '../base/bytes.ts';
import { systemClock, systemRandom } from '../base/clock.ts';
import { isConditionAccepted, serveDesk } from '../desk/index.ts';
import { createExchange, Directory, type Exchange, type PeerPulse } from '../exchange/index.ts';
import { ExchangeServiceDefinition } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import { PrivateScreeningServiceDefinition } from '../gen/tocsin/exchange/v1/private_screening_service.ts';
import { WitnessServiceDefinition } from '../gen/tocsin/exchange/v1/witness_service.ts';
import { MemberRole } from '../gen/tocsin/record/v1/identity.ts';
import { judgeOfficer, Keyring, readSecret, type VerifiedRoster } from '../identity/index.ts';
import { capMessage, listImporters } from '../interop/index.ts';
import { createLedger } from '../ledger/index.ts';
import {
  createBreakGlass,
  createLifecycle,
  createOnward,
  createOversight,
  createPolicyFollower,
  createPolicyHistory,
  createPolicyProposals,
  createTaskings,
} from '../lifecycle/index.ts';
import {
  desksOf,
  NATIONAL_TEMPLATES,
  nationalTemplate,
  type PartnerView,
  purposesOf,
} from '../policy/index.ts';
import { logOrigin, netToken, type World } from '../record/index.ts';
import { createPrivateInquiries, createScreening } from '../screening/index.ts';
import { LinkSessions } from '../seal/index.ts';
import { inboxPrefix } from '../transport/index.ts';
import { watchInstances } from './alone.ts';
import { openAttachments } from './attachments.ts';
import { BrokerLink } from './broker-link.ts';
import { inNode, type NodeConfig, type NodePaths } from './config.ts';
import { consoleOptions } from './console.ts';
import { CredentialWatch } from './credential-watch.ts';
import { runDuties } from './duties.ts';
import { NodeError } from './errors.ts';
import { exchangeEvents } from './events.ts';
import { FolderWatch } from './folder-watch.ts';
import { NODE_SECRETS, tlsNameOf } from './founding.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics, serveMetrics } from './metrics.ts';
import { openNodeStore, readNodeText, seedStore } from './node-files.ts';
import { takeUpInvitations } from './officer-invitations.ts';
import { OfficerRevocations } from './officer-revocations.ts';
import { OwnStatement } from './own-statement.ts';
import { keepPolicyFile } from './policy-file.ts';
import { openPrivateScreening, type PrivateScreening } from './private-screening.ts';
import { finishRecovery } from './recover.ts';
import { sketchProposal } from './roster-file.ts';
import { takeUpRosters } from './roster-intake.ts';
import { keepRosterFileInStep } from './roster-keep.ts';
import { screeningFile } from './screening-file.ts';
import { VERSION } from './version.ts';

export interface ComposedNode extends AsyncDisposable {
  readonly node: string;
  /** `host:port` of the desk as bound. */
  readonly desk: string;
  /** Where browsers find the console; undefined where it is off. */
  readonly console: string | undefined;
  readonly tlsName: string;
  readonly logger: Logger;
  /** Runs the node's work until the signal aborts; rejects where the node must not go on. */
  run(signal: AbortSignal): Promise<void>;
}

const newsOf = (pulse: PeerPulse) => ({
  heardAtMs: pulse.heardAt ?? 0,
  ...(pulse.roundTripMs === undefined ? {} : { roundTripMs: pulse.roundTripMs }),
});

async function echo(exchange: Exchange, partner: string) {
  if (!(await exchange.ask(partner))) return { ok: false as const, problem: 'the partner did not answer' };
  const { roundTripMs = 0, clockDifferenceMs = 0 } = exchange.pulse(partner);
  return { ok: true as const, roundTripMs, clockDifferenceMs };
}

const FOLDER_LOOK_MS = 1_000;
/** A start is not held up longer where the broker, or its answer, is slow. */
const FIRST_ASK_MS = 150;
const FIRST_LOOK_MS = 450;

async function atMost(ms: number, what: Promise<void>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([what, sleep(ms, timer.signal).catch(() => undefined)]).finally(() => timer.abort());
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const addressUnusable = (address: string, cause: unknown): NodeError =>
  new NodeError({
    code: 'ADDRESS_UNUSABLE',
    message: `the desk cannot listen at ${address} (${/E[A-Z]{4,}/.exec(String(cause))?.[0] ?? String(cause)}): end the program that listens there, or change desk in node.yaml`,
    retry: 'later',
    cause,
  });

export async function composeNode(paths: NodePaths, config: NodeConfig): Promise<ComposedNode> {
  await using stack = new AsyncDisposableStack();
  const { node: self } = config;
  const network = fromHex(config.networkDigest);
  const net = netToken(network);
  const [clock, random] = [systemClock, systemRandom];
  const startedAtMs = clock.nowMs();
  const logger = createLogger({ node: self, level: config.logLevel });
  const metrics = createMetrics(self);

  // ── keys, store, directory ──
  await finishRecovery(paths);
  const keyring = await Keyring.open(paths.keys);
  const [tlsKey, brokerSeed] = await Promise.all([
    readSecret(join(paths.keys, NODE_SECRETS.tlsKey)),
    readSecret(join(paths.keys, NODE_SECRETS.brokerSeed)),
  ]);
  const tlsChain = readNodeText(paths.tlsCertificate, 'restore it from a backup');
  const authorityRoot = readNodeText(paths.authorityRoot, 'restore it from a backup');
  const store = stack.use(
    await openNodeStore(paths, config, (error) => logger.error({ error }, 'a hook failed')),
  );
  await seedStore(store, paths, network);
  const attachments = await openAttachments(paths, store, clock, logger);
  const directory = await Directory.open({ store, clock, network, self });
  const folder = new FolderWatch({
    everyMs: FOLDER_LOOK_MS,
    onFailure: (path, error) => logger.error({ path, error }, 'a new file of the folder is not taken up'),
  });
  const takeRosters = () => takeUpRosters(directory, paths);
  await folder.keep(paths.rosterHistory, takeRosters, takeRosters);
  const ownStatement = await folder.keep(
    paths.statement,
    () => OwnStatement.open({ directory, keyring, paths, clock, logger }),
    (own) => own.takeUp(),
  );
  await keepRosterFileInStep(directory, paths, logger);
  const officers = await folder.keep(
    paths.revokedOfficers,
    () => new OfficerRevocations(paths.revokedOfficers, { store, clock }),
    (revocations) => revocations.takeUp(),
  );
  if (config.console !== undefined) {
    const takeInvited = () => takeUpInvitations(paths.invitations, { store, clock });
    await folder.keep(paths.invitations, takeInvited, takeInvited);
  }
  const statement = directory.own().statement;
  const origins: Record<World, string> = {
    live: logOrigin(net, self, 'live', statement.incarnation),
    exercise: logOrigin(net, self, 'exercise', statement.incarnation),
  };

  // ── links ──
  const events = exchangeEvents(logger, metrics);
  const sessions = new LinkSessions({
    network,
    self,
    ownStatement: () => directory.own(),
    sign: (type, bytes, linkKey) => keyring.sign('link', type, bytes, linkKey),
    peers: {
      statementOf: (peer) => directory.statementOf(peer),
      statementBy: (digest) => directory.statementBy(digest),
      judgeAndKeep: (peer, signed) => directory.judgeAndKeep(peer, signed),
      roster: () => directory.roster(),
    },
    clock,
    random,
    refused: (peer, reason, detail) => events.refused?.({ sender: peer, lane: 0, reason, detail }),
  });
  // Calls under way end with the key or the membership that they were believed by; new ones would not begin.
  directory.onLinkKey((node) => sessions.endSessions(node));
  directory.onStanding((node) => sessions.endSessions(node));
  const exchangeReady = Promise.withResolvers<Exchange>();
  // There before the exchange is ready, where it is on at all.
  let privateScreening: PrivateScreening | undefined;
  const link = stack.use(
    new BrokerLink({
      broker: {
        servers: config.broker.servers,
        tls: {
          ca: readNodeText(
            inNode(paths, config.broker.ca),
            "put the broker's ca.pem there, or name its file as broker.ca",
          ),
          cert: tlsChain,
          key: text(tlsKey),
          serverName: config.broker.serverName,
        },
        nkeySeed: text(brokerSeed),
        inboxPrefix: inboxPrefix(self),
        name: `tocsin ${self}`,
      },
      net,
      self,
      guard: sessions,
      watch: (broker) =>
        watchInstances(broker, {
          directory,
          keyring,
          store,
          clock,
          random,
          logger,
          startedAtMs,
          everyMs: config.exchange.heartbeatMs,
        }),
      serve: (server) =>
        exchangeReady.promise.then((exchange) => {
          server.add(ExchangeServiceDefinition, exchange.handlers);
          server.add(WitnessServiceDefinition, exchange.witnessHandlers);
          if (privateScreening) server.add(PrivateScreeningServiceDefinition, privateScreening.handlers);
        }),
      refused: ({ peer, reason, detail }) => events.refused?.({ sender: peer, lane: 0, reason, detail }),
      logger,
      onConnected: (up) => metrics.brokerUp.set(up ? 1 : 0),
    }),
  );

  // ── policy ──
  // To read it takes as long as other processes of this node have to answer: both at once.
  await atMost(FIRST_ASK_MS, link.asked);
  const policyChanged = new Wake();
  const policy = await keepPolicyFile({
    path: inNode(paths, config.nationalPolicy),
    self,
    roster: directory.roster(),
    folder,
    store,
    clock,
    onChanged(digest) {
      logger.info({ digest }, 'another national policy is in force');
      policyHistory.changed();
      policyChanged.wake();
    },
  });
  const policyHistory = createPolicyHistory({
    store,
    clock,
    program: VERSION,
    inForce: () => ({
      digest: policy.engine.digest,
      national: policy.national,
      roster: policy.roster,
    }),
  });
  policyHistory.changed();
  // Before anything is disclosed under it.
  await policyHistory.settle();
  directory.onRoster((roster) => {
    logger.info({ version: String(roster.version) }, 'another roster is in use');
    policy.renew(roster);
    policyHistory.changed();
    policyChanged.wake();
  });

  // ── log ──
  const ledger = createLedger({
    store,
    keyring,
    origins,
    clock,
    random,
    tickMs: config.log.tickMs,
    quota: config.log.quota,
    onFailure: ({ log, error }) => logger.error({ log, error }, 'no checkpoint was made, trying again'),
  });

  // Before anything is signed or sent: a second process of this node must not contradict the first (T48). Without a broker
  // nobody can be asked; the link asks before it sends.
  await atMost(FIRST_LOOK_MS, link.looked);

  // A rotation is told by the log's own next signature; what an interrupted one left is made up for before anything is sent.
  await ledger.signAgain();
  directory.onStatement(({ statement: { node } }) => {
    if (node === self)
      ledger
        .signAgain()
        .catch((error: unknown) => logger.error({ error }, 'the log is not signed by its new key yet'));
  });

  // A log that went on from an earlier state would show two histories: it stops until the incarnation is raised.
  const behind = new AbortController();
  const arrivals = new Set<() => void>();
  const exchange = stack.use(
    createExchange(
      {
        store,
        clock,
        random,
        directory,
        keyring,
        ledger,
        policy: {
          viewFor: (...args) => policy.engine.viewFor(...args),
          judgeArrival: (...args) => policy.engine.judgeArrival(...args),
        },
        mailbox: link.mailbox,
        onBehind: () => behind.abort(),
        blobs: attachments.blobs,
        callerFor: (peer) => link.callerTo(peer),
        events: {
          ...events,
          received: (event) => {
            events.received?.(event);
            for (const listener of arrivals) listener();
          },
        },
      },
      {
        lane: { resendMs: config.exchange.resendMs, resendMaxMs: config.exchange.resendMaxMs },
        attachment: { bytesPerSecond: config.exchange.attachmentBytesPerSecond },
        witness: { limitMs: config.log.unwitnessedMs },
        freshness: { staleMs: config.log.staleMs },
        cutOff: { afterMs: config.exchange.cutOffMs },
        heartbeat: { recentMs: config.exchange.heartbeatMs, idleMs: config.exchange.idleHeartbeatMs },
      },
    ),
  );
  await exchange.open();
  if (config.screening.private !== undefined)
    privateScreening = await openPrivateScreening({
      paths,
      config: config.screening.private,
      store,
      clock,
      directory,
      keyring,
      policy: () => policy.engine,
      callerTo: (partner) => link.callerTo(partner),
      logger,
    });
  exchangeReady.resolve(exchange);

  // ── life cycle ──
  const stating = {
    store,
    policy: () => policy.engine,
    ledger,
    exchange,
    self: { node: self, network, logOrigin: (world: World) => origins[world] },
    clock,
    random,
  };
  const lifecycle = createLifecycle<PartnerView>(stating);
  const onward = createOnward({ ...stating, lifecycle });
  const taskings = createTaskings(stating);
  const screening = createScreening({
    store,
    clock,
    random,
    network,
    self,
    file: screeningFile(paths.screeningIndex),
    floor: config.screening.gradingFloor,
    policy: () => policy.engine,
    purposesOf,
    desks() {
      const member = directory.roster().member(self);
      return member === undefined ? [] : desksOf(member);
    },
    locks: (originator, senders) => exchange.locks(originator, senders),
    isConditionAccepted,
    refer: (tx, referrals) => taskings.refer(tx, referrals),
    onFailure: (error) => logger.warn({ error }, 'the index of screening is not in its file'),
    onTables: ({ tables, unused }) =>
      logger.info({ tables, unused }, 'tables of equivalent names are in use'),
  });
  const inquiries =
    privateScreening &&
    createPrivateInquiries({
      store,
      clock,
      random,
      partners: privateScreening.partners,
      asker: privateScreening.asker,
      verify: (question) => taskings.verify(question),
      onFailure: (partner, error) =>
        logger.warn({ partner, error }, 'a partner could not be asked in private'),
    });
  await inquiries?.settle();
  const proposals = createPolicyProposals({ store, clock, random, national: policy });
  await proposals.settle();
  const policyFollower = createPolicyFollower({ ...stating, changed: policyChanged });

  const certificateEnd = new X509Certificate(tlsChain).validToDate.getTime();
  const credentials = new CredentialWatch({
    store,
    clock,
    endOf: { 'key statement': () => directory.own().notAfterMs, certificate: () => certificateEnd },
  });

  // ── desk ──
  const own = directory.roster().member(self);
  if (own === undefined)
    throw new NodeError({ code: 'NETWORK_MISMATCH', message: `the roster in use does not list ${self}` });
  const address = `${config.desk.host}:${config.desk.port}`;
  const desk = stack.use(
    await serveDesk(
      {
        node: { self, clock, network, nameOf: (id) => directory.roster().member(id)?.name ?? id },
        store,
        ledger,
        lifecycle,
        onward,
        taskings,
        screening,
        privateScreening: inquiries,
        random,
        blobs: attachments.blobs,
        breakGlass: createBreakGlass(stating),
        oversight: createOversight({
          store,
          clock,
          self: { node: self, network },
          signer: { keyring, statement: () => directory.own().bytes },
        }),
        directory: {
          get roster() {
            return directory.roster();
          },
          statementBy: (digest) => directory.statementBy(digest),
          statementOf: (node) => directory.statementOf(node),
        },
        policy: {
          judgeDesk: (...args) => policy.engine.judgeDesk(...args),
          preview: (...args) => policy.engine.preview(...args),
          viewFor: (...args) => policy.engine.viewFor(...args),
          explain: (...args) => policy.engine.explain(...args),
        },
        proposals,
        policyInForce: {
          standing: policy.standing,
          rules: () => policy.engine.rules,
          templates: NATIONAL_TEMPLATES.map((name) => ({ name, text: nationalTemplate(name) })),
        },
        tools: { check: policy.check, engineOf: policy.engineOf },
        onArrival: (listener) => {
          arrivals.add(listener);
          return () => arrivals.delete(listener);
        },
        roster: () => directory.roster(),
        proposal: (file) => sketchProposal(file, directory.roster()),
        waitingFor: () => exchange.recovery().waitingFor,
        behind: () => exchange.behind(),
        cutOff: {
          locks: (originator, senders) => exchange.locks(originator, senders),
          state: () => exchange.cutOff(),
        },
        facts: () => ({
          role: roleName(directory.roster()),
          version: VERSION,
          startedAtMs,
          brokerConnected: link.connected,
          certificateEndsAtMs: certificateEnd,
          statementEndsAtMs: directory.own().notAfterMs,
          policyTemplate: policy.template ?? '',
        }),
        news: (partner) => newsOf(exchange.pulse(partner)),
        echo: (partner) => echo(exchange, partner),
        canary: async (partner, waitMs) => (await exchange.canary(partner, waitMs))?.tookMs,
        writeCap: capMessage,
        importers: listImporters({ lifecycle, clock }),
        sessions: {
          judgeOfficer: (der, atMs) =>
            judgeOfficer({ certificate: der, root: own.authorityCertificate, node: self, atMs }),
          purposesOf,
          isRevoked: (fingerprint) => officers.isRevoked(fingerprint),
        },
        onFault: ({ method, correlationId, cause }) =>
          logger.error({ method, correlationId, error: cause }, 'a desk call failed by a fault of this node'),
      },
      {
        address,
        certificateChainPem: tlsChain,
        privateKeyPem: text(tlsKey),
        authorityPem: authorityRoot,
        ...(await consoleOptions(paths, config, { chain: tlsChain, key: text(tlsKey), authorityRoot })),
      },
    ).catch((cause: unknown) => {
      throw addressUnusable(address, cause);
    }),
  );
  if (config.metrics !== undefined) {
    stack.use(
      await serveMetrics({
        ...config.metrics,
        metrics,
        health: () => ({ ok: link.connected, node: self, broker: link.connected }),
      }),
    );
  }

  function roleName(roster: VerifiedRoster): string {
    const role = roster.member(self)?.role;
    return (
      Object.entries(MemberRole)
        .find(([, value]) => value === role)?.[0]
        .replace('MEMBER_ROLE_', '')
        .toLowerCase() ?? 'unknown'
    );
  }

  const opened = stack.move();
  return {
    node: self,
    desk: desk.address,
    console: desk.console === undefined ? undefined : config.console?.origin,
    tlsName: tlsNameOf(paths),
    logger,
    async run(signal) {
      // Whatever rejects first ends the others: a component whose state is unknown must not go on serving.
      const stop = new AbortController();
      const both = AbortSignal.any([signal, stop.signal]);
      const going = (what: string, loop: (all: AbortSignal) => Promise<void>) =>
        persevere(loop, both, (error) => logger.warn({ what, error }, 'failed, will be tried again'));
      const work = [
        Promise.all([exchange.asked, link.looked]).then(() =>
          ledger.run(AbortSignal.any([both, behind.signal])),
        ),
        exchange.run(both),
        going('life cycle', (all) => lifecycle.run(all)),
        going('policy', (all) => policyFollower.run(all)),
        going('policy history', (all) => policyHistory.run(all)),
        folder.run(both),
        ownStatement.run(both),
        going('attachments', (all) => attachments.run(all)),
        going('credentials', (all) => credentials.run(all)),
        going('screening', (all) => screening.run(all)),
        going('private screening', async (all) => privateScreening?.run(all)),
        going('audit', (all) => runDuties(stating, config, all)),
      ];
      try {
        await Promise.race([Promise.all(work), link.closed]);
      } finally {
        stop.abort();
        await Promise.allSettled(work);
      }
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
