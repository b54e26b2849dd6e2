/** A report in the register: something is made of it, or it is dropped. What changes is a revision that a second officer releases. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { type Content, contentJson } from '../../compose/content.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Waiting } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useText } from '../../text/index.ts';
import { FacetCard } from '../record/facet.tsx';
import { recordQuery } from '../record/record.tsx';
import { withFacet } from './report-content.ts';
import { ReportHead, Similar } from './report-head.tsx';
import { digestPath, reportId, useReports } from './reports.ts';

interface Outcome {
  readonly status: string;
  /** Why it is dropped; kept in the notes, which never leave (class N). */
  readonly reason?: string;
}

/** Drafts and submits the next revision with another status. */
async function reviseStatus(headerDigest: string, { status, reason }: Outcome): Promise<string> {
  const { draft } = await call('RecordService/ReviseRecord', { headerDigest });
  const draftId = draft?.id ?? '';
  const found = await call('RecordService/GetDraft', { draftId });
  const before = withFacet(JSON.parse(found.contentJson) as Content, ['summary', 'status'], status);
  const next = reason === undefined ? before : withFacet(before, ['internal', 'notes'], reason);
  await call('RecordService/UpdateDraft', { draftId, contentJson: contentJson(next), note: '' });
  await call('RecordService/SubmitDraft', { draftId, note: '' });
  return draftId;
}

export function ReportRecordPage({ headerDigest }: { readonly headerDigest: string }) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [dropping, setDropping] = useState(false);
  const [reason, setReason] = useState('');
  const found = useQuery(recordQuery(headerDigest));
  const reports = useReports();
  const act = useMutation({
    mutationFn: (outcome: Outcome) => reviseStatus(headerDigest, outcome),
    onSuccess(draftId) {
      for (const list of ['hotline', 'drafts', 'duties']) void client.invalidateQueries({ queryKey: [list] });
      tell(say('hotline.statusDrafted'));
      go(`/draft/${draftId}`);
    },
  });
  const all: readonly Wire.Report[] = reports.data?.reports ?? [];
  const report = all.find((one) => one.headerDigest === headerDigest);
  const error = found.error ?? reports.error;
  if (found.data === undefined || reports.data === undefined)
    return (
      <div className="page">
        {error ? <ProblemNotice error={error} /> : <Waiting lines={8} height="2.5rem" />}
      </div>
    );
  const isOpen = report?.state === 'REPORT_STATE_TRIAGED';
  return (
    <article className="page hotline">
      <Link href="/hotline" className="back no-print">
        <Icon name="back" />
        {say('hotline.title')}
      </Link>
      {report && <ReportHead report={report} />}
      {isOpen && (
        <div className="row">
          {report.decision === 'TRIAGE_DECISION_WARNING' && (
            <Link href={digestPath('warning', headerDigest)} className="button primary">
              <Icon name="alert" />
              {say('hotline.warnOfIt')}
            </Link>
          )}
          <button
            type="button"
            className="button"
            disabled={act.isPending}
            onClick={() => act.mutate({ status: 'HOTLINE_STATUS_ACTIONED' })}
          >
            <Icon name="check" />
            {say('hotline.actedOn')}
          </button>
          <button
            type="button"
            className="button quiet"
            disabled={act.isPending}
            onClick={() => setDropping(true)}
          >
            {say('hotline.drop')}
          </button>
        </div>
      )}
      {act.error && <ProblemNotice error={act.error} />}
      {report && <Similar similar={all.filter((one) => report.similar.includes(reportId(one)))} />}
      <div className="stack">
        {found.data.facets.map((facet) => (
          <FacetCard key={facet.facet} facet={facet} />
        ))}
      </div>
      {dropping && (
        <Dialog title={say('hotline.drop')} onClose={() => setDropping(false)}>
          <Field label={say('hotline.dropReason')}>
            {(control) => (
              <textarea
                {...control}
                className="input"
                rows={4}
                dir="auto"
                maxLength={2_000}
                required
                value={reason}
                onChange={(event) => setReason(event.target.value)}
              />
            )}
          </Field>
          <div className="actions">
            <button type="button" className="button" onClick={() => setDropping(false)}>
              {say('action.cancel')}
            </button>
            <button
              type="button"
              className="button danger"
              disabled={act.isPending || reason.trim() === ''}
              onClick={() => act.mutate({ status: 'HOTLINE_STATUS_DROPPED', reason })}
            >
              {say('hotline.drop')}
            </button>
          </div>
        </Dialog>
      )}
    </article>
  );
}
