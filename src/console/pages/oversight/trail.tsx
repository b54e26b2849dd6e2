/** The audit trail: searched by officer, subject and action, verified, exported. Reading it is itself a row. */
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call, fileHref } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { sayOr, useText } from '../../text/index.ts';

const ACTIONS = [
  '',
  'record.',
  'draft.',
  'inbox.',
  'signin.',
  'officer.',
  'desk.refused',
  'call.refused',
  'break-glass.',
  'policy.',
  'evidence.',
];

export function Trail() {
  const say = useText();
  const [filter, setFilter] = useState({ actor: '', action: '', subject: '' });
  const rows = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam }) =>
      call('AuditService/ListAudit', { ...filter, cursor: pageParam, pageSize: 100 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextCursor || undefined,
    retry: false,
  });
  const verify = useMutation({ mutationFn: () => call('AuditService/VerifyAudit', {}) });
  const all = (rows.data?.pages ?? []).flatMap((page) => page.rows);
  return (
    <>
      <div className="row spread">
        <div className="row">
          <button
            type="button"
            className="button"
            disabled={verify.isPending}
            onClick={() => verify.mutate()}
          >
            <Icon name="policy" />
            {say('oversight.verify')}
          </button>
          <a className="button" href={fileHref('/audit/export')} download>
            <Icon name="download" />
            {say('oversight.export')}
          </a>
        </div>
      </div>
      {verify.data && (
        <div className={`notice ${verify.data.intact ? 'good' : 'bad'}`} role="status">
          <Icon name={verify.data.intact ? 'check' : 'alert'} />
          <p>
            {verify.data.intact
              ? say('oversight.intact', {
                  rows: verify.data.rows,
                  anchors: verify.data.anchors,
                  anchored: verify.data.anchored,
                })
              : say('oversight.broken', { row: verify.data.brokenRow })}{' '}
            <Foreign text={verify.data.problem} />
          </p>
        </div>
      )}
      {verify.error && <ProblemNotice error={verify.error} />}
      <search className="filters">
        <input
          className="input"
          type="search"
          aria-label={say('oversight.actor')}
          placeholder={say('oversight.actor')}
          value={filter.actor}
          onChange={(event) => setFilter({ ...filter, actor: event.target.value })}
        />
        <input
          className="input mono"
          type="search"
          aria-label={say('oversight.subject')}
          placeholder={say('oversight.subject')}
          value={filter.subject}
          onChange={(event) => setFilter({ ...filter, subject: event.target.value })}
        />
        <select
          className="input"
          aria-label={say('oversight.action')}
          value={filter.action}
          onChange={(event) => setFilter({ ...filter, action: event.target.value })}
        >
          {ACTIONS.map((action) => (
            <option key={action} value={action}>
              {action === ''
                ? say('oversight.anyAction')
                : sayOr(`audit.${action.replace(/\.$/, '')}`, action)}
            </option>
          ))}
        </select>
      </search>
      {rows.error && <ProblemNotice error={rows.error} retry={() => void rows.refetch()} />}
      {rows.isPending ? (
        <Waiting lines={10} height="2.2rem" />
      ) : all.length === 0 ? (
        <Empty icon="oversight" title={say('board.noMatch')} />
      ) : (
        <TableFrame label={say('oversight.trail')}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">#</th>
                <th scope="col">{say('oversight.at')}</th>
                <th scope="col">{say('oversight.who')}</th>
                <th scope="col">{say('oversight.action')}</th>
                <th scope="col">{say('oversight.subject')}</th>
                <th scope="col">{say('oversight.facts')}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((row) => {
                const facts = JSON.parse(row.detailJson) as Readonly<Record<string, unknown>>;
                const { officer, ...rest } = facts;
                return (
                  <tr key={row.seq}>
                    <td>{row.seq}</td>
                    <td>
                      <Instant ms={msOf(row.at)} />
                    </td>
                    <td>
                      <Foreign text={typeof officer === 'string' ? officer : row.actor} most={60} />
                    </td>
                    <td>
                      <code>{row.action}</code>
                    </td>
                    <td>
                      <code>
                        <Foreign text={row.subject} most={24} />
                      </code>
                    </td>
                    <td className="small">
                      <Foreign
                        text={Object.entries(rest)
                          .map(([key, value]) => `${key}: ${String(value)}`)
                          .join(' · ')}
                        most={160}
                      />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </TableFrame>
      )}
      {rows.hasNextPage && (
        <button type="button" className="button" onClick={() => void rows.fetchNextPage()}>
          {say('action.more')}
        </button>
      )}
    </>
  );
}
