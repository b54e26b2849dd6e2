/** The network as this node sees it: links and their health, logs and their witnesses, the roster, alarms. */
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { read } from '../../api/kept.ts';
import { useMe } from '../../api/session.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { Ago, Instant, msOf, useNumber } from '../../parts/time.tsx';
import { sayOr, type TextKey, useText, wantRecordTexts } from '../../text/index.ts';
import { Roster } from './roster.tsx';
import { Unreceipted } from './unreceipted.tsx';

void wantRecordTexts();

const LOOKS: Readonly<Record<string, readonly [string, IconName]>> = {
  LINK_STATE_UP: ['good', 'check'],
  LINK_STATE_SILENT: ['warn', 'clock'],
  LINK_STATE_NEVER: ['bad', 'offline'],
  LINK_STATE_SUSPENDED: ['bad', 'cross'],
};

/** Versions of the roster that are listed. */
const VERSIONS = 10;

export function NetworkPage() {
  const say = useText();
  const { data: me } = useMe();
  const isObserver = me?.role === 'observer';
  const status = useQuery({
    queryKey: ['network', 'status'],
    queryFn: () => read('NetworkService/GetNodeStatus', {}),
  });
  const links = useQuery({
    queryKey: ['network', 'links'],
    queryFn: () => read('NetworkService/ListLinks', {}),
    enabled: !isObserver,
  });
  const logs = useQuery({
    queryKey: ['network', 'logs'],
    queryFn: () => read('LogService/GetLog', {}),
    enabled: !isObserver,
  });
  const roster = useQuery({
    queryKey: ['network', 'roster', VERSIONS],
    queryFn: () => read('NetworkService/GetRoster', { versions: VERSIONS }),
  });
  const error = status.error ?? links.error ?? logs.error ?? roster.error;
  return (
    <div className="page">
      <h1>{say('network.title')}</h1>
      {error && <ProblemNotice error={error} />}
      {status.data ? <Status status={status.data} /> : <Waiting lines={2} height="3rem" />}
      <section className="stack" aria-labelledby="links-title">
        <h2 id="links-title">{say('network.links')}</h2>
        {links.data ? (
          <ul className="links">
            {links.data.links.map((link) => (
              <LinkCard key={link.partner} link={link} />
            ))}
          </ul>
        ) : (
          !isObserver && <Waiting lines={3} height="6rem" />
        )}
      </section>
      {logs.data && <Logs logs={logs.data.logs} />}
      {roster.data && <Roster roster={roster.data} isAdministrator={me?.role === 'administrator'} />}
    </div>
  );
}

function Status({ status }: { readonly status: Wire.GetNodeStatusResponse }) {
  const say = useText();
  const number = useNumber();
  return (
    <section className="stack" aria-labelledby="status-title">
      <h2 id="status-title">
        {status.node} · {say('network.version', { version: status.version })}
      </h2>
      <ul className="figures">
        <Figure
          label={say('network.broker')}
          value={say(status.brokerConnected ? 'network.connected' : 'network.away')}
          look={status.brokerConnected ? 'good' : 'bad'}
        />
        <Figure label={say('network.outbox')} value={number(status.outboxOpen)} />
        <Figure label={say('network.pending')} value={number(status.leavesPending)} />
        <Figure label={say('network.refusals')} value={number(status.refusals)} />
        <Figure
          label={say('network.quarantined')}
          value={number(status.quarantined)}
          look={status.quarantined > 0 ? 'warn' : ''}
        />
      </ul>
      {status.cutOff && (
        <div className="notice bad" role="alert">
          <Icon name="offline" />
          <p>{say('network.cutOff', { nodes: status.recallsAwaited.join(', ') })}</p>
        </div>
      )}
      {status.alarms.length > 0 && (
        <div className="notice warn">
          <Icon name="alert" />
          <div>
            <strong>{say('network.alarms', { count: status.alarms.length })}</strong>
            <ul>
              {status.alarms.map((alarm) => (
                <li key={`${alarm.code} ${alarm.subject}`}>
                  <code>{alarm.code}</code>{' '}
                  <Foreign text={sayOr(`alarm.${alarm.code}`, alarm.detail)} most={400} />{' '}
                  <span className="soft small">
                    <Foreign text={alarm.subject} most={80} /> · <Ago ms={msOf(alarm.at)} />
                  </span>
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
    </section>
  );
}

function Figure({
  label,
  value,
  look = '',
}: {
  readonly label: string;
  readonly value: string;
  readonly look?: string;
}) {
  return (
    <li className={`card figure ${look}`}>
      <span className="soft small">{label}</span>
      <strong>{value}</strong>
    </li>
  );
}

function LinkCard({ link }: { readonly link: Wire.Link }) {
  const say = useText();
  const number = useNumber();
  const [look, icon] = LOOKS[link.state] ?? ['', 'info'];
  const test = useMutation({
    mutationFn: () => call('NetworkService/TestLink', { partner: link.partner, recordWaitMs: 0 }),
  });
  return (
    <li className="card stack">
      <div className="row spread">
        <h3>
          {link.partner}{' '}
          <span className="soft">
            <Foreign text={link.name} most={50} />
          </span>
        </h3>
        <span className={`chip ${look}`}>
          <Icon name={icon} />
          {say(`linkState.${link.state}` as TextKey)}
        </span>
      </div>
      <dl className="facts small">
        <dt>{say('network.heard')}</dt>
        <dd>{msOf(link.heardAt) === 0 ? say('network.never') : <Ago ms={msOf(link.heardAt)} />}</dd>
        <dt>{say('network.roundTrip')}</dt>
        <dd>{link.roundTripMs === 0 ? '–' : `${number(link.roundTripMs)} ms`}</dd>
        <dt>{say('network.rosterVersion')}</dt>
        <dd>{link.rosterVersion === '0' ? '–' : link.rosterVersion}</dd>
        {link.lanes.map((lane) => (
          <LaneFacts key={lane.lane} lane={lane} />
        ))}
      </dl>
      <div className="row">
        <button type="button" className="button" disabled={test.isPending} onClick={() => test.mutate()}>
          <Icon name="refresh" />
          {say('network.test')}
        </button>
        <span role="status" className="small">
          {test.data?.ok === true &&
            say('network.testOk', {
              ms: number(test.data.roundTripMs),
              clock: number(Number(test.data.clockDifferenceMs)),
            })}
          {test.data?.ok === false && <Foreign text={test.data.problem} />}
        </span>
      </div>
      {test.error && <ProblemNotice error={test.error} />}
      <Unreceipted link={link} />
    </li>
  );
}

function LaneFacts({ lane }: { readonly lane: Wire.LaneStatus }) {
  const say = useText();
  return (
    <>
      <dt>{say(lane.lane === 0 ? 'network.urgentLane' : 'network.routineLane')}</dt>
      <dd>
        {say('network.sequences', { sent: String(lane.sentSeq), taken: String(lane.takenSeq) })}
        {lane.open > 0 && ` · ${say('network.open', { count: lane.open })}`}
        <br />
        {lane.receiptedSeq === '0' ? (
          say('network.noReceipt')
        ) : (
          <>
            {say('network.receipted', { number: lane.receiptedSeq })} · <Ago ms={msOf(lane.receiptedAt)} />
          </>
        )}
      </dd>
    </>
  );
}

function Logs({ logs }: { readonly logs: readonly Wire.LogSummary[] }) {
  const say = useText();
  return (
    <section className="stack" aria-labelledby="logs-title">
      <h2 id="logs-title">{say('network.logs')}</h2>
      {logs.length === 0 ? (
        <Empty icon="list" title={say('network.noLogs')} />
      ) : (
        <TableFrame label={say('network.logs')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{say('network.owner')}</th>
                <th scope="col">{say('proof.log')}</th>
                <th scope="col">{say('network.size')}</th>
                <th scope="col">{say('proof.checkpointAt')}</th>
                <th scope="col">{say('proof.witnesses')}</th>
              </tr>
            </thead>
            <tbody>
              {logs.map((log) => (
                <tr key={log.origin}>
                  <td>
                    {log.node} {log.own && <span className="chip accent">{say('network.own')}</span>}
                  </td>
                  <td>
                    <code dir="ltr">{log.origin.split('/').slice(2).join('/')}</code>
                  </td>
                  <td>
                    {log.size}
                    {log.pending > 0 && ` (+${log.pending})`}
                  </td>
                  <td>
                    <Instant ms={msOf(log.at)} />
                  </td>
                  <td>{log.witnesses.map((name) => name.split('/').at(-2) ?? name).join(', ') || '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}
