/** What an officer can do with a record. The node decides whether he may; buttons that no role of his could use are not there. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Me, ResponseOf } from '../../../desk/http/contract.ts';
import { call, fileHref } from '../../api/client.ts';
import { useMe } from '../../api/session.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, msOf } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { worksAtDesk } from '../../shell.tsx';
import { useText } from '../../text/index.ts';
import { recordPath } from '../board/row.tsx';
import { Countersign } from './countersign.tsx';
import { RecallDialog } from './recall-dialog.tsx';

type Shown = ResponseOf<'RecordService/GetRecord'>;

const may = (me: Me | null | undefined, ...roles: readonly string[]): boolean =>
  me != null && roles.includes(me.role);

export function Actions({ shown }: { readonly shown: Shown }) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const { data: me } = useMe();
  const [recalling, setRecalling] = useState(false);
  const { record } = shown;
  const headerDigest = record?.headerDigest ?? '';
  const again = () => {
    void client.invalidateQueries({ queryKey: ['record', headerDigest] });
    void client.invalidateQueries({ queryKey: ['board'] });
  };
  const acknowledge = useMutation({
    mutationFn: () => call('InboxService/AcknowledgeItem', { position: shown.position }),
    onSuccess() {
      again();
      tell(say('record.acknowledgedNow'));
    },
  });
  const revise = useMutation({
    mutationFn: () => call('RecordService/ReviseRecord', { headerDigest }),
    onSuccess: ({ draft }) => go(`/draft/${draft?.id ?? ''}`),
  });
  if (record === undefined) return null;
  // Only the desk group that spoke changes what it said (R2).
  const spoke = me != null && record.deskGroup === `DESK_GROUP_${me.deskGroup.toUpperCase()}`;
  const inForce = record.state === 'RECORD_STATE_RELEASED';
  const problem = acknowledge.error ?? revise.error;
  const path = recordPath(headerDigest).slice('/record/'.length);
  return (
    <div className="stack record-actions no-print">
      <div className="row">
        {me && worksAtDesk(me) && shown.position !== '0' && shown.acknowledgedBy === '' && (
          <button
            type="button"
            className="button primary"
            data-shortcut="acknowledge"
            disabled={acknowledge.isPending}
            onClick={() => acknowledge.mutate()}
          >
            <Icon name="check" />
            {say('record.acknowledge')}
          </button>
        )}
        {record.own &&
          spoke &&
          inForce &&
          may(me, 'officer', 'releaser', 'analyst', 'operator', 'controller') && (
            <button
              type="button"
              className="button"
              disabled={revise.isPending}
              onClick={() => revise.mutate()}
            >
              <Icon name="compose" />
              {say('record.revise')}
            </button>
          )}
        {record.own && may(me, 'officer', 'releaser', 'analyst', 'operator', 'controller') && (
          <Link className="button" href={`/policy/explain/${path}`}>
            <Icon name="policy" />
            {say('record.explain')}
          </Link>
        )}
        {record.own &&
          spoke &&
          record.state !== 'RECORD_STATE_RECALLED' &&
          may(me, 'releaser', 'controller') && (
            <button type="button" className="button" onClick={() => setRecalling(true)}>
              <Icon name="recall" />
              {say('record.recall')}
            </button>
          )}
        <a className="button" data-shortcut="evidence" href={fileHref(`/records/${path}/evidence`)} download>
          <Icon name="download" />
          {say('record.evidence')}
        </a>
        <button type="button" className="button quiet" data-shortcut="print" onClick={() => print()}>
          <Icon name="print" />
          <span className="only-wide">{say('record.print')}</span>
          <span className="visually-hidden">{say('record.print')}</span>
        </button>
      </div>
      {shown.acknowledgedBy !== '' && (
        <p className="soft small">
          {say('record.acknowledgedBy')} <Foreign text={shown.acknowledgedBy} most={60} />,{' '}
          <Ago ms={msOf(shown.acknowledgedAt)} />
        </p>
      )}
      {record.own && me && <Countersign headerDigest={headerDigest} role={me.role} />}
      {problem && <ProblemNotice error={problem} />}
      {recalling && (
        <RecallDialog
          shown={shown}
          onClose={() => setRecalling(false)}
          onDone={() => {
            setRecalling(false);
            again();
            tell(say('recall.done'));
          }}
        />
      )}
    </div>
  );
}
