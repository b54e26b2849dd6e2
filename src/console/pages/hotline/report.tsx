/** One report before it is a record: what its state asks of this officer. The node refuses what the page leaves out. */
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Me, Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import type { Content } from '../../compose/content.ts';
import { kindForm } from '../../compose/forms.ts';
import { Waiting } from '../../parts/empty.tsx';
import { ForeignText } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useText, wantRecordTexts } from '../../text/index.ts';
import { FacetCard } from '../record/facet.tsx';
import { Decide } from './decide.tsx';
import { Intake } from './intake.tsx';
import { textAt } from './report-content.ts';
import { ReportHead, Similar } from './report-head.tsx';
import { reportId, reportPath, useReports } from './reports.ts';
import { ScrubForm } from './scrub.tsx';

void wantRecordTexts();

export function ReportPage({ draftId, me }: { readonly draftId: string; readonly me: Me }) {
  const say = useText();
  const reports = useReports();
  const found = useQuery({
    queryKey: ['drafts', draftId],
    queryFn: () => call('RecordService/GetDraft', { draftId }),
  });
  const error = found.error ?? reports.error;
  if (found.data === undefined || reports.data === undefined)
    return (
      <div className="page">
        {error ? (
          <ProblemNotice error={error} retry={() => void found.refetch()} />
        ) : (
          <Waiting lines={8} height="2.5rem" />
        )}
      </div>
    );
  const report = reports.data.reports.find((one) => one.draftId === draftId);
  const content = JSON.parse(found.data.contentJson) as Content;
  const note = found.data.draft?.note ?? '';
  // What was released meanwhile has a page of its own.
  if (report === undefined) return <Gone releasedDigest={found.data.draft?.releasedDigest ?? ''} />;
  const similar = reports.data.reports.filter((one) => report.similar.includes(reportId(one)));
  if (report.state === 'REPORT_STATE_DRAFT' && report.own)
    return (
      <>
        {note !== '' && <SentBack note={note} />}
        <Intake me={me} start={{ draftId, content }} />
      </>
    );
  return (
    <article className="page hotline">
      <Link href="/hotline" className="back no-print">
        <Icon name="back" />
        {say('hotline.title')}
      </Link>
      <ReportHead report={report} />
      <State report={report} content={content} similar={similar} note={note} me={me} />
    </article>
  );
}

function Gone({ releasedDigest }: { readonly releasedDigest: string }) {
  const say = useText();
  return (
    <div className="page hotline">
      <p>{say('hotline.gone')}</p>
      {releasedDigest !== '' && (
        <Link href={reportPath({ draftId: '', headerDigest: releasedDigest } as Wire.Report)}>
          {say('draft.released')}
        </Link>
      )}
    </div>
  );
}

function SentBack({ note }: { readonly note: string }) {
  const say = useText();
  return (
    <div className="notice warn" role="note">
      <Icon name="recall" />
      <div>
        <strong>{say('draft.sentBack')}</strong>
        <ForeignText text={note} />
      </div>
    </div>
  );
}

interface StateProps {
  readonly report: Wire.Report;
  readonly content: Content;
  readonly similar: readonly Wire.Report[];
  readonly note: string;
  readonly me: Me;
}

function State({ report, content, similar, note, me }: StateProps) {
  const say = useText();
  const isScrubbed = report.state === 'REPORT_STATE_SCRUBBED';
  if (report.state === 'REPORT_STATE_RECEIVED' && !report.own)
    return (
      <>
        <ScrubForm draftId={report.draftId} begun={content} similar={similar} />
        {me.role === 'controller' && <Decide draftId={report.draftId} mayRelease={false} isDropped={false} />}
      </>
    );
  const mayDecide = me.role === 'controller' && !report.own && !report.scrubbedByCaller;
  const waits = isScrubbed
    ? mayDecide
      ? undefined
      : say('hotline.waitsController')
    : report.state === 'REPORT_STATE_RECEIVED'
      ? say('hotline.waitsSecond')
      : undefined;
  return (
    <>
      {waits !== undefined && (
        <div className="notice" role="note">
          <Icon name="clock" />
          <p>{waits}</p>
        </div>
      )}
      {report.state === 'REPORT_STATE_DROPPED' && (
        <div className="notice" role="note">
          <Icon name="info" />
          <div>
            <strong>{say('hotline.droppedFor')}</strong>
            <ForeignText text={note} />
          </div>
        </div>
      )}
      <Similar similar={similar} />
      <div className="stack">
        {Object.entries(content.facets).map(([name, value]) => (
          <FacetCard
            key={name}
            facet={{
              facet: name,
              facetClass: kindForm('hotline-report')?.facets.find((one) => one.name === name)?.class ?? '',
              json: JSON.stringify(value),
              body: '',
              salt: '',
              openUntil: '0',
            }}
          />
        ))}
      </div>
      {isScrubbed && me.role === 'controller' && !report.own && (
        <Decide
          draftId={report.draftId}
          mayRelease={mayDecide}
          isDropped={textAt(content, 'triage', 'decision') === 'TRIAGE_DECISION_DROP'}
        />
      )}
      {isScrubbed && !report.own && (
        <details className="card">
          <summary>{say('hotline.scrubAgain')}</summary>
          <ScrubForm draftId={report.draftId} begun={content} similar={[]} />
        </details>
      )}
    </>
  );
}
