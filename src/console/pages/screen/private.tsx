/**
 * Partners asked in private: what is to be asked is handed to a second officer, who decides it here. Nothing of it is kept on the device:
 * it is about persons.
 */
import { useInfiniteQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useText } from '../../text/index.ts';
import { PrivateOne } from './private-one.tsx';
import { PrivateQuestion } from './private-question.tsx';
import { PRIVATE_KEY, usePrivatePartners } from './use-private.ts';

const EVERY_MS = 60_000;

/** `isOfDesk` = it is shown to who may ask. */
export function Private({ isOfDesk }: { readonly isOfDesk: boolean }) {
  const say = useText();
  const partners = usePrivatePartners();
  const pages = useInfiniteQuery({
    queryKey: PRIVATE_KEY,
    queryFn: ({ pageParam }) =>
      call('ScreeningService/ListPrivateScreenings', { cursor: pageParam, pageSize: 50 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextCursor || undefined,
    retry: false,
    refetchInterval: EVERY_MS,
  });
  const all = (pages.data?.pages ?? []).flatMap(({ screenings }) => screenings);
  return (
    <div className="stack">
      {isOfDesk && partners.length > 0 && <PrivateQuestion partners={partners} />}
      {pages.error && <ProblemNotice error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isPending ? (
        <Waiting lines={3} height="5rem" />
      ) : (
        pages.data &&
        all.length === 0 && (
          <Empty icon="search" title={say('private.none')}>
            <p>{say('private.noneHint')}</p>
          </Empty>
        )
      )}
      <ul className="stack">
        {all.map((one) => (
          <li key={one.id}>
            <PrivateOne one={one} />
          </li>
        ))}
      </ul>
      {pages.hasNextPage && (
        <button type="button" className="button" onClick={() => void pages.fetchNextPage()}>
          {say('action.more')}
        </button>
      )}
    </div>
  );
}
