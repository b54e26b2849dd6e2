/** The board: what waits for me, what arrived, what is overdue; a list and a map that share one selection. */
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useWide } from '../../parts/wide.ts';
import { worksAtDesk } from '../../shell.tsx';
import { useText } from '../../text/index.ts';
import { Duties } from './duties.tsx';
import { type Filter, Filters, filterOf, searchOf } from './filters.tsx';
import { recordPath } from './row.tsx';
import { RowList } from './row-list.tsx';
import { keyOf, useBoard } from './use-board.ts';

const WorldMap = lazy(async () => ({ default: (await import('../../map/world-map.tsx')).WorldMap }));

export function BoardPage({ me }: { readonly me: Me }) {
  const say = useText();
  const tell = useToast();
  const [, go] = useLocation();
  const [filter, setFilter] = useState<Filter>(() => filterOf(location.search));
  const asked = useDeferredValue(filter);
  const board = useBoard(asked);
  const [selected, setSelected] = useState('');
  const points = useMemo(
    () =>
      board.rows.flatMap((row) =>
        row.places.map(({ latitude, longitude, name }) => ({
          key: keyOf(row),
          latitude,
          longitude,
          name,
          urgent: row.record?.priority === 'PRIORITY_FLASH' || row.record?.priority === 'PRIORITY_IMMEDIATE',
        })),
      ),
    [board.rows],
  );
  // The list answers first; the map follows.
  const onMap = useDeferredValue(selected);
  const pointsOnMap = useDeferredValue(points);
  const wide = useWide(70);
  const [view, setView] = useState<'list' | 'map'>('list');
  const change = (next: Filter) => {
    setFilter(next);
    history.replaceState(null, '', `/${searchOf(next)}`);
  };
  const isFiltered = searchOf(asked) !== '';
  return (
    <div className="page board">
      <div className="page-head">
        <h1>{say('board.title')}</h1>
        {!wide && (
          <fieldset className="choice" aria-label={say('board.view')}>
            {(['list', 'map'] as const).map((one) => (
              <button key={one} type="button" aria-pressed={view === one} onClick={() => setView(one)}>
                {say(`board.${one}`)}
              </button>
            ))}
          </fieldset>
        )}
      </div>
      {worksAtDesk(me) && <Duties />}
      <Filters filter={filter} onChange={change} me={me} />
      {board.error !== undefined && <ProblemNotice error={board.error} retry={board.reload} />}
      <div className="board-body">
        {(wide || view === 'list') && (
          <section className="board-list" aria-label={say('board.list')}>
            {board.isPending ? (
              <Waiting lines={8} height="4.2rem" />
            ) : board.rows.length === 0 ? (
              <Empty
                icon={isFiltered ? 'filter' : 'board'}
                title={say(isFiltered ? 'board.noMatch' : 'board.empty')}
              >
                <p>{say(isFiltered ? 'board.noMatchHint' : 'board.emptyHint')}</p>
                {isFiltered && (
                  <button
                    type="button"
                    className="button"
                    onClick={() => {
                      change({});
                      tell(say('board.cleared'), () => change(filter));
                    }}
                  >
                    <Icon name="cross" />
                    {say('board.clear')}
                  </button>
                )}
              </Empty>
            ) : (
              <RowList
                rows={board.rows}
                selected={selected}
                onSelect={setSelected}
                onOpen={(key) => go(recordPath(key))}
                onEnd={board.loadMore}
                hasMore={board.hasMore}
              />
            )}
          </section>
        )}
        {(wide || view === 'map') && (
          <section className="board-map" aria-label={say('board.map')}>
            <Suspense fallback={<Waiting lines={1} height="100%" />}>
              <WorldMap
                points={pointsOnMap}
                selected={onMap}
                onSelect={setSelected}
                onOpen={(key) => go(recordPath(key))}
                label={say('map.label')}
              />
            </Suspense>
          </section>
        )}
      </div>
    </div>
  );
}
