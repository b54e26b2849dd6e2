/** A warning that went out: who has it, who took it in hand, who is late, what is owed; its update and its cancellation. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { call, fileHref } from '../../api/client.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Tlp, Urgency } from '../../parts/marking.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { type TextKey, useText, wantRecordTexts } from '../../text/index.ts';
import { recordPath } from '../board/row.tsx';
import { Countersign } from '../record/countersign.tsx';
import { FacetCard } from '../record/facet.tsx';
import { Progress, stateOf } from '../record/progress.tsx';
import { recordQuery } from '../record/record.tsx';

void wantRecordTexts();

export function BroadcastPage({ headerDigest, me }: { readonly headerDigest: string; readonly me: Me }) {
  const say = useText();
  const client = useQueryClient();
  const [, go] = useLocation();
  const found = useQuery(recordQuery(headerDigest));
  const revise = useMutation({
    mutationFn: async (action: 'update' | 'cancel') => ({
      action,
      draft: (await call('RecordService/ReviseRecord', { headerDigest })).draft,
    }),
    onSuccess({ action, draft }) {
      void client.invalidateQueries({ queryKey: ['drafts'] });
      go(`/hotline/warning/draft/${draft?.id ?? ''}/${action}`);
    },
  });
  if (found.data === undefined)
    return (
      <div className="page">
        {found.error ? <ProblemNotice error={found.error} /> : <Waiting lines={8} height="2.5rem" />}
      </div>
    );
  const { record, progress, facets } = found.data;
  if (record === undefined) return null;
  const inHand = progress.filter((one) => stateOf(one) === 'ACKNOWLEDGED').length;
  const received = progress.filter((one) => msOf(one.receivedAt) > 0).length;
  const late = progress.filter(({ overdue }) => overdue).length;
  const inForce = record.state === 'RECORD_STATE_RELEASED';
  return (
    <article className="page hotline">
      <Link href="/hotline" className="back no-print">
        <Icon name="back" />
        {say('hotline.title')}
      </Link>
      <header className="stack">
        <p className="row">
          <span className="soft">{say('kind.warning')}</span>
          <Tlp tlp={record.tlp} />
          <Urgency priority={record.priority} />
          {!inForce && <span className="chip bad">{say(`state.${record.state}` as TextKey)}</span>}
        </p>
        <h1>
          <Foreign text={record.title} />
        </h1>
        <p className="soft">
          {say('record.revision', { number: record.revision })} · <Instant ms={msOf(record.released)} />
        </p>
      </header>
      <p className="notice" role="status">
        <Icon name="check" />
        {say('hotline.receipts', { count: received, hand: inHand, all: progress.length })}
      </p>
      {late > 0 && (
        <p className="notice bad" role="alert">
          <Icon name="clock" />
          {say('hotline.overdue', { count: late })}
        </p>
      )}
      <Countersign headerDigest={headerDigest} role={me.role} />
      {revise.error && <ProblemNotice error={revise.error} />}
      <div className="row">
        {inForce && (
          <>
            <button
              type="button"
              className="button"
              disabled={revise.isPending}
              onClick={() => revise.mutate('update')}
            >
              <Icon name="compose" />
              {say('hotline.updateWarning')}
            </button>
            <button
              type="button"
              className="button"
              disabled={revise.isPending}
              onClick={() => revise.mutate('cancel')}
            >
              <Icon name="cross" />
              {say('hotline.cancelWarning')}
            </button>
          </>
        )}
        <a
          className="button"
          href={fileHref(`${recordPath(headerDigest).replace('/record/', '/records/')}/cap`)}
          download
        >
          <Icon name="download" />
          {say('hotline.cap')}
        </a>
        <Link href={recordPath(headerDigest)} className="button quiet">
          {say('hotline.wholeRecord')}
        </Link>
      </div>
      {progress.length > 0 && <Progress progress={progress} />}
      <div className="stack">
        {facets
          .filter(({ json }) => json !== '' && json !== '{}')
          .map((facet) => (
            <FacetCard key={facet.facet} facet={facet} />
          ))}
      </div>
    </article>
  );
}
