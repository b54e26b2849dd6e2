/** `tocsin node init | join | run | status`. */
import { LinkState } from '../../gen/tocsin/desk/v1/network_service.ts';
import { type DeskGroupToken, isDeskGroupToken, type MemberRoleToken } from '../../identity/index.ts';
import { initNode, joinNetwork, pathsOf, recoverNode, runNode } from '../../node/index.ts';
import { type AsOfficer, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { readInputText } from '../files.ts';
import { readRoster } from '../membership-files.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';

export function deskGroup(text: string): DeskGroupToken {
  if (isDeskGroupToken(text)) return text;
  throw new CliError(
    'USAGE',
    `expected a desk group (police, customs, licensing, military, border, hotline, hub or register), got ${JSON.stringify(text)}`,
  );
}

export async function init(
  [id = '']: readonly string[],
  options: {
    readonly dir: string;
    readonly name: string;
    readonly country?: string;
    readonly role: MemberRoleToken;
    readonly group?: readonly string[];
    readonly deskGroup?: readonly string[];
    readonly duty?: readonly string[];
    readonly tlsName?: string;
  },
  output: Output,
): Promise<void> {
  const { paths, tlsName } = await initNode({
    dir: options.dir,
    node: id,
    name: options.name,
    country: options.country ?? '',
    role: options.role,
    groups: options.group ?? [],
    deskGroups: (options.deskGroup ?? []).map(deskGroup),
    duties: options.duty ?? [],
    ...(options.tlsName === undefined ? {} : { tlsName: options.tlsName }),
    nowMs: Date.now(),
  });
  output.line(`${id}: authority, keys and certificate (${tlsName}) are in ${paths.dir}`);
  output.line(`next: hand ${paths.memberRequest} to whoever founds the network; it holds nothing secret`);
  output.document({ node: id, dir: paths.dir, memberRequest: paths.memberRequest, tlsName });
}

export async function join(
  _args: readonly string[],
  options: {
    readonly dir: string;
    readonly roster: string;
    readonly networkDigest: string;
    readonly broker: readonly string[];
    readonly brokerCa: string;
    readonly brokerName: string;
    readonly deskHost: string;
    readonly deskPort: number;
    readonly tickMs: number;
    readonly policy: 'standard' | 'strict';
  },
  output: Output,
): Promise<void> {
  const { node, paths } = await joinNetwork({
    dir: options.dir,
    roster: readRoster(options.roster),
    networkDigest: options.networkDigest,
    brokerServers: options.broker,
    brokerCa: readInputText(options.brokerCa),
    brokerName: options.brokerName,
    deskHost: options.deskHost,
    deskPort: options.deskPort,
    tickMs: options.tickMs,
    policyTemplate: options.policy,
    nowMs: Date.now(),
  });
  output.line(`${node} has joined; its configuration is ${paths.config}`);
  output.line(
    `next: \`tocsin officer issue --dir ${options.dir} …\`, then \`tocsin node run --dir ${options.dir}\``,
  );
  output.document({ node, config: paths.config });
}

export async function run(
  _args: readonly string[],
  options: { readonly dir: string },
  output: Output,
): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await runNode(pathsOf(options.dir), {
    signal: stop.signal,
    onReady: (ready) => {
      output.line(
        `ready: node ${ready.node}, desk at ${ready.desk}${ready.console === undefined ? '' : `, console at ${ready.console}`}`,
      );
      output.document({ ready: true, ...ready });
    },
  });
}

export async function testLink(
  [partner = '']: readonly string[],
  options: AsOfficer & { readonly record?: boolean; readonly wait: number },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const recordWaitMs = options.record === true ? options.wait * 1_000 : 0;
  const answer = await desk.network.testLink({ partner, recordWaitMs }, { timeoutMs: recordWaitMs + 30_000 });
  output.document(answer);
  if (!answer.ok) throw new CliError('UNAVAILABLE', `${partner}: ${answer.problem}`);
  output.line(
    `${partner} answers in ${answer.roundTripMs} ms; its clock differs by ${answer.clockDifferenceMs} ms`,
  );
  if (answer.recordRoundTripMs > 0)
    output.line(`a record came back receipted after ${(answer.recordRoundTripMs / 1_000).toFixed(1)} s`);
}

export async function recover(
  _args: readonly string[],
  options: { readonly dir: string; readonly authority?: string },
  output: Output,
): Promise<void> {
  const made = await recoverNode({ ...options, nowMs: Date.now() });
  output.line(
    `${made.node}: incarnation ${made.incarnation}, key statement ${made.sequence}, new log and link keys`,
  );
  for (const { origin, size } of made.closed) output.line(`closed at size ${size}: ${origin}`);
  output.line(
    `next: \`tocsin node run --dir ${options.dir}\`; the desk reads nothing until partners have sent recalls again`,
  );
  output.document({
    ...made,
    sequence: String(made.sequence),
    closed: made.closed.map(({ origin, size }) => ({ origin, size: String(size) })),
  });
}

export async function status(_args: readonly string[], options: AsOfficer, output: Output): Promise<void> {
  using desk = openOfficerDesk(options);
  const node = await desk.network.getNodeStatus({});
  const { links } = await desk.network.listLinks({});
  output.line(
    `node ${node.node} (${node.role}), Tocsin ${node.version}, up since ${instant(node.startedAt)}`,
  );
  output.line(
    `roster version ${node.rosterVersion}, valid to ${instant(node.rosterExpires)}; broker ${node.brokerConnected ? 'connected' : 'NOT CONNECTED'}`,
  );
  output.line(
    `open in the outbox ${node.outboxOpen}, waiting for a checkpoint ${node.leavesPending}, exercise ${node.exerciseOutboxOpen} and ${node.exerciseLeavesPending}, refusals ${node.refusals}, put aside ${node.quarantined}`,
  );
  if (node.cutOff)
    output.line(
      `CUT OFF: no partner heard since ${instant(node.partnersHeardAt)}; facets of class P of their records are locked (R14)`,
    );
  else if (node.recallsAwaited.length > 0)
    output.line(
      `locked after a silence, until their recalls are here (R14): facets of class P from ${node.recallsAwaited.map(shown).join(', ')}`,
    );
  for (const alarm of node.alarms)
    output.line(`ALARM ${alarm.code} ${shown(alarm.subject)}: ${shown(alarm.detail)} (${instant(alarm.at)})`);
  output.table(
    ['partner', 'state', 'heard', 'sent', 'acknowledged', 'taken', 'open', 'round trip'],
    links.map((link) => [
      `${link.partner} ${shown(link.name)}`,
      nameOf(LinkState, 'LINK_STATE_', link.state),
      instant(link.heardAt),
      link.lanes.map((lane) => String(lane.sentSeq)).join('+'),
      link.lanes.map((lane) => String(lane.acknowledgedSeq)).join('+'),
      link.lanes.map((lane) => String(lane.takenSeq)).join('+'),
      String(link.lanes.reduce((sum, lane) => sum + lane.open, 0)),
      link.roundTripMs === 0 ? '–' : `${link.roundTripMs} ms`,
    ]),
  );
  output.document({ ...node, links });
}
