/** What the desk asked, and what it decided: the hits that wait for a decision first. For auditors what every desk asked, who did, and when. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { Against } from './against.tsx';
import { Hit } from './hit.tsx';
import { askedText } from './words.ts';

const FINGERPRINT_SHOWN = 16;

/** `isOfDesk` = it is read by whoever decides. */
export function Past({ isOfDesk }: { readonly isOfDesk: boolean }) {
  const say = useText();
  const [openOnly, setOpenOnly] = useState(isOfDesk);
  const pages = useInfiniteQuery({
    queryKey: ['screenings', openOnly],
    queryFn: ({ pageParam }) =>
      call('ScreeningService/ListScreenings', { openOnly, cursor: pageParam, pageSize: 50 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextCursor || undefined,
    retry: false,
  });
  const all = (pages.data?.pages ?? []).flatMap(({ screenings }) => screenings);
  return (
    <div className="stack">
      {!isOfDesk && <p className="soft">{say('screen.auditorHint')}</p>}
      <fieldset className="choice">
        <legend className="visually-hidden">{say('screen.past')}</legend>
        <button type="button" aria-pressed={openOnly} onClick={() => setOpenOnly(true)}>
          {say('screen.onlyOpen')}
        </button>
        <button type="button" aria-pressed={!openOnly} onClick={() => setOpenOnly(false)}>
          {say('screen.allPast')}
        </button>
      </fieldset>
      {pages.error && <ProblemNotice error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending ? (
        <Waiting lines={6} height="3rem" />
      ) : all.length === 0 ? (
        <Empty icon="search" title={say(openOnly ? 'screen.nothingOpen' : 'screen.nothingPast')}>
          <p>{say('screen.nothingPastHint')}</p>
        </Empty>
      ) : (
        <ul className="stack">
          {all.map((one) => (
            <li key={one.screeningId} className="card past-row">
              <Asked one={one} isOfDesk={isOfDesk} />
            </li>
          ))}
        </ul>
      )}
      {pages.hasNextPage && (
        <button type="button" className="button" onClick={() => void pages.fetchNextPage()}>
          {say('action.more')}
        </button>
      )}
    </div>
  );
}

/** One screening in two lines. */
export function Asked({
  one,
  isOfDesk = true,
}: {
  readonly one: Wire.ScreeningSummary;
  readonly isOfDesk?: boolean;
}) {
  const say = useText();
  const kept = msOf(one.keptUntil);
  return (
    <>
      <p className="row spread">
        <Link href={`/screen/past/${one.screeningId}`}>
          <Foreign text={askedText(one.query)} most={120} />
        </Link>
        {one.openHits > 0 ? (
          <span className="chip warn">
            <Icon name="alert" />
            {say('screen.openHits', { count: one.openHits })}
          </span>
        ) : (
          <span className="chip">
            {one.hits > 0 ? say('screen.hitsShort', { count: one.hits }) : say('screen.noHitShort')}
          </span>
        )}
      </p>
      <p className="soft small">
        <Instant ms={msOf(one.at)} />
        {!isOfDesk && (
          <>
            {' · '}
            {sayOr(`deskGroup.${groupOf(one.deskGroup)}`, one.deskGroup)} · <Fingerprint of={one.officer} />
          </>
        )}
        {one.reference !== '' && (
          <>
            {' · '}
            <Foreign text={one.reference} />
          </>
        )}
        {one.purpose !== 'PURPOSE_UNSPECIFIED' &&
          ` · ${say(`purpose.${one.purpose.slice('PURPOSE_'.length).toLowerCase().replaceAll('_', '-')}` as TextKey)}`}
        {kept > 0 && (
          <>
            {' · '}
            {say('screen.keptUntil')} <Instant ms={kept} />
          </>
        )}
      </p>
    </>
  );
}

const groupOf = (group: Wire.DeskGroup): string => group.slice('DESK_GROUP_'.length).toLowerCase();

/** How the trail names an officer, as far as it takes to find them there. */
function Fingerprint({ of }: { readonly of: string }) {
  return (
    <code>
      <bdi>{of.slice(0, FINGERPRINT_SHOWN)}</bdi>
    </code>
  );
}

export function PastOne({
  screeningId,
  isOfDesk,
}: {
  readonly screeningId: string;
  readonly isOfDesk: boolean;
}) {
  const say = useText();
  const one = useQuery({
    queryKey: ['screenings', screeningId],
    queryFn: () => call('ScreeningService/GetScreening', { screeningId }),
    retry: false,
  });
  return (
    <div className="stack">
      <Link href="/screen/past" className="row">
        <Icon name="back" />
        {say('screen.back')}
      </Link>
      {one.error && <ProblemNotice error={one.error} retry={() => void one.refetch()} />}
      {one.isPending && <Waiting lines={6} height="3rem" />}
      {one.data?.screening && (
        <div className="card">
          <Asked one={one.data.screening} isOfDesk={isOfDesk} />
        </div>
      )}
      {one.data && one.data.hits.length === 0 && <Empty icon="check" title={say('screen.noHit')} />}
      <ol className="hits">
        {one.data?.hits.map((hit) => (
          <li key={hit.number}>
            <Hit
              hit={hit}
              screeningId={isOfDesk ? screeningId : ''}
              question={askedText(one.data.screening?.query)}
            />
          </li>
        ))}
      </ol>
      <Against against={one.data?.against} />
    </div>
  );
}
