/** One record: what this officer may see of it, who said it and how that is known, what became of it, and what can be done. */
import { type QueryClient, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { ResponseOf } from '../../../desk/http/contract.ts';
import { read, rememberedOf } from '../../api/kept.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Tlp, Urgency } from '../../parts/marking.tsx';
import { PrintMarks } from '../../parts/print-marks.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, Instant, msOf, useInstant } from '../../parts/time.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { digestOfPath } from '../board/row.tsx';
import { Actions } from './actions.tsx';
import { Attachments } from './attachments.tsx';
import { Condition } from './condition.tsx';
import { Deliveries } from './deliveries.tsx';
import { FacetCard } from './facet.tsx';
import { OpeningReview } from './opening-review.tsx';
import { Progress } from './progress.tsx';
import { Questions } from './questions/questions.tsx';
import { Revisions } from './revisions.tsx';
import { Verification } from './verification.tsx';
import { Withheld } from './withheld.tsx';

export const recordQuery = (headerDigest: string) => ({
  queryKey: ['record', headerDigest],
  // What stands on the page in full is not exchanged for what the device kept of it.
  queryFn: ({ client }: { readonly client: QueryClient }) =>
    read(
      'RecordService/GetRecord',
      { headerDigest },
      client.getQueryData(['record', headerDigest]) === undefined ? undefined : 'now',
    ),
  // An answer that was kept is known by being that very object.
  structuralSharing: false,
});

/** Out of the browser: since when it is known, and what of it was not kept. */
function Remembered({ shown }: { readonly shown: ResponseOf<'RecordService/GetRecord'> }) {
  const say = useText();
  const instant = useInstant();
  const remembered = rememberedOf(shown);
  if (remembered === undefined) return null;
  const { at, left } = remembered;
  return (
    <div className="notice warn" role="note">
      <Icon name="offline" />
      <div>
        <p>{say('offline.record', { at: instant(at) })}</p>
        {left.length > 0 && (
          <p>
            {say('offline.left', { facets: left.map((facet) => sayOr(`facet.${facet}`, facet)).join(', ') })}
          </p>
        )}
      </div>
    </div>
  );
}

export function RecordPage({ digest }: { readonly digest: string }) {
  const say = useText();
  const headerDigest = digestOfPath(digest);
  const found = useQuery(recordQuery(headerDigest));
  const heading = useRef<HTMLHeadingElement>(null);
  const isHere = found.data !== undefined;
  // Who came by keyboard goes on reading here.
  useEffect(() => {
    if (isHere) heading.current?.focus();
  }, [isHere]);
  if (found.data === undefined)
    return (
      <div className="page">
        {found.error ? (
          <ProblemNotice error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Waiting lines={10} height="2.5rem" />
        )}
      </div>
    );
  const shown = found.data;
  const { record, verification } = shown;
  if (record === undefined || verification === undefined) return null;
  // Cut off from partners, the facet is locked for what it holds about persons; the other files of it are read still (R14).
  const filesLocked = shown.withheld.some(({ facet, rule }) => facet === 'attachments' && rule === 'R14');
  return (
    <article className="page record">
      <PrintMarks place="head" tlp={record.tlp} headerDigest={record.headerDigest} />
      <Link href="/" className="back no-print" data-shortcut="back">
        <Icon name="back" />
        {say('nav.board')}
      </Link>
      <header className="record-head">
        <div className="stack">
          <p className="row">
            <span className="soft">{say(`kind.${record.kind}` as TextKey)}</span>
            <Tlp tlp={record.tlp} />
            <Urgency priority={record.priority} />
            {record.state !== 'RECORD_STATE_RELEASED' && (
              <span className="chip bad">{say(`state.${record.state}` as TextKey)}</span>
            )}
          </p>
          <h1 tabIndex={-1} ref={heading}>
            {record.title === '' ? say('board.withheldTitle') : <Foreign text={record.title} />}
          </h1>
          <p className="soft">
            <Foreign text={verification.originatorName} /> ({record.originator}) ·{' '}
            {say('record.revision', { number: record.revision })} · <Instant ms={msOf(record.released)} />{' '}
            <span className="no-print">
              (<Ago ms={msOf(record.released)} />)
            </span>
          </p>
        </div>
        <Actions shown={shown} />
      </header>
      {record.late && (
        <div className="notice warn" role="note">
          <Icon name="alert" />
          <p>{say('record.late', { member: shown.late.map(({ member }) => member).join(', ') })}</p>
        </div>
      )}
      <OpeningReview headerDigest={headerDigest} />
      <Remembered shown={shown} />
      {shown.condition !== '' && <Condition shown={shown} />}
      <div className="only-print">
        <Verification shown={shown} />
      </div>
      <div className="record-body">
        <div className="stack record-facets">
          {shown.facets.map((facet) =>
            facet.facet === 'attachments' ? (
              <Attachments key={facet.facet} of={{ headerDigest }} />
            ) : (
              <FacetCard key={facet.facet} facet={facet} />
            ),
          )}
          {filesLocked && <Attachments of={{ headerDigest }} />}
          <Withheld withheld={shown.withheld} />
        </div>
        <aside className="stack record-side">
          <Verification shown={shown} />
          <Questions shown={shown} />
          {shown.progress.length > 0 && <Progress progress={shown.progress} />}
          {shown.deliveries.length > 0 && <Deliveries deliveries={shown.deliveries} />}
          <Revisions shown={shown} />
          <section className="card">
            <h2>{say('record.times')}</h2>
            <dl className="facts">
              <dt>{say('record.expires')}</dt>
              <dd>
                <Instant ms={msOf(record.expires)} />
              </dd>
              <dt>{say('record.reviewBy')}</dt>
              <dd>
                <Instant ms={msOf(record.reviewBy)} />
              </dd>
              <dt>{say('record.deskGroup')}</dt>
              <dd>
                {say(`deskGroup.${record.deskGroup.slice('DESK_GROUP_'.length).toLowerCase()}` as TextKey)}
              </dd>
            </dl>
          </section>
        </aside>
      </div>
      <PrintMarks place="foot" tlp={record.tlp} headerDigest={record.headerDigest} />
    </article>
  );
}
