/** Drafts that this officer may know of: own ones, those of the desk, those that wait for a releaser. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { read } from '../../api/kept.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, msOf } from '../../parts/time.tsx';
import { type TextKey, useText } from '../../text/index.ts';

export function DraftsPage() {
  const say = useText();
  const found = useInfiniteQuery({
    queryKey: ['drafts'],
    queryFn: ({ pageParam }) => read('RecordService/ListDrafts', { cursor: pageParam, pageSize: 200 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextCursor || undefined,
  });
  const drafts = (found.data?.pages ?? []).flatMap((page) => page.drafts);
  return (
    <div className="page">
      <h1>{say('drafts.title')}</h1>
      {found.error && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {found.isPending ? (
        <Waiting lines={6} height="3.5rem" />
      ) : drafts.length === 0 ? (
        <Empty icon="drafts" title={say('drafts.empty')}>
          <Link href="/compose" className="button primary">
            {say('compose.title')}
          </Link>
        </Empty>
      ) : (
        <ul className="stack">
          {drafts.map((draft) => (
            <li key={draft.id}>
              <Link href={`/draft/${draft.id}`} className="card draft-row">
                <span className="row spread">
                  <strong>
                    <Foreign text={draft.title} most={140} />
                  </strong>
                  <span className={`chip ${draft.state === 'DRAFT_STATE_SUBMITTED' ? 'accent' : ''}`}>
                    {say(`draftState.${draft.state}` as TextKey)}
                  </span>
                </span>
                <span className="soft small">
                  {say(`kind.${draft.kind}` as TextKey)} · <Foreign text={draft.drafterName} most={60} /> ·{' '}
                  <Ago ms={msOf(draft.updatedAt)} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <button
          type="button"
          className="button"
          disabled={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {say('action.more')}
        </button>
      )}
    </div>
  );
}
