/**
 * The board's rows: page by page as one scrolls, and the newest again where something may have changed. However much arrives, the
 * top is asked for once a second at most, and what was loaded below it stays.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import { forgetRecord, read } from '../../api/kept.ts';

export type BoardRow = Wire.BoardRow;
export type BoardFilter = Pick<
  Wire.ListBoardRequest,
  'kind' | 'state' | 'tlp' | 'deskGroup' | 'text' | 'attention' | 'arrivedOnly' | 'originator'
>;

export interface Board {
  readonly rows: readonly BoardRow[];
  /** The first page is not here yet. */
  readonly isPending: boolean;
  readonly error: unknown;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

const PAGE = 100;
const AGAIN_MS = 1_000;
/** Pages asked for at once where more arrived than one page holds. */
const CATCH_UP_PAGES = 5;

export const keyOf = (row: BoardRow): string => row.record?.headerDigest ?? '';

/** Newer rows in front, each record once. */
export function merge(newer: readonly BoardRow[], older: readonly BoardRow[]): readonly BoardRow[] {
  const seen = new Set(newer.map(keyOf));
  return [...newer, ...older.filter((row) => !seen.has(keyOf(row)))];
}

/** Recalled or expired, it is not read without a link. */
function forgetOutOfForce(rows: readonly BoardRow[]): void {
  for (const { record } of rows)
    if (record !== undefined && record.state !== 'RECORD_STATE_RELEASED')
      void forgetRecord(record.headerDigest);
}

interface Loaded {
  readonly rows: readonly BoardRow[];
  readonly cursor: string;
  readonly isPending: boolean;
  readonly error: unknown;
}

const NOTHING: Loaded = { rows: [], cursor: '', isPending: true, error: undefined };

export function useBoard(filter: BoardFilter): Board {
  const client = useQueryClient();
  const [loaded, setLoaded] = useState<Loaded>(NOTHING);
  const question = useMemo(() => JSON.stringify(filter), [filter]);
  const asked = useRef(question);
  const busy = useRef(false);
  const rows = useRef<readonly BoardRow[]>([]);
  rows.current = loaded.rows;

  const page = useCallback(
    (cursor: string) =>
      read('BoardService/ListBoard', { ...(JSON.parse(question) as BoardFilter), pageSize: PAGE, cursor }),
    [question],
  );

  const refresh = useCallback(async (): Promise<void> => {
    try {
      let fresh: readonly BoardRow[] = [];
      let cursor = '';
      const known = new Set(rows.current.map(keyOf));
      for (let pages = 0; pages < CATCH_UP_PAGES; pages++) {
        const answer = await page(cursor);
        forgetOutOfForce(answer.rows);
        fresh = [...fresh, ...answer.rows];
        cursor = answer.nextCursor;
        if (known.size === 0 || cursor === '' || answer.rows.some((row) => known.has(keyOf(row)))) break;
      }
      if (asked.current !== question) return;
      setLoaded((before) =>
        before.isPending
          ? { rows: fresh, cursor, isPending: false, error: undefined }
          : { ...before, rows: merge(fresh, before.rows), error: undefined },
      );
    } catch (error) {
      if (asked.current === question) setLoaded((before) => ({ ...before, isPending: false, error }));
    }
  }, [page, question]);

  useEffect(() => {
    asked.current = question;
    setLoaded((before) => ({ ...before, cursor: '', isPending: true, error: undefined }));
    rows.current = [];
    void refresh();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastAt = performance.now();
    const stop = client.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated' || event.action.type !== 'invalidate') return;
      if (event.query.queryKey[0] !== 'board' || timer !== undefined) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          lastAt = performance.now();
          void refresh();
        },
        Math.max(0, AGAIN_MS - (performance.now() - lastAt)),
      );
    });
    // What live updates invalidate; the rows themselves are kept here.
    client.setQueryData(['board', question], true);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, question, refresh]);

  const loadMore = useCallback(() => {
    if (busy.current || loaded.cursor === '') return;
    busy.current = true;
    void page(loaded.cursor)
      .then((answer) => {
        if (asked.current !== question) return;
        setLoaded((before) => ({
          ...before,
          rows: merge(before.rows, answer.rows),
          cursor: answer.nextCursor,
          error: undefined,
        }));
      })
      .catch((error: unknown) => setLoaded((before) => ({ ...before, error })))
      .finally(() => {
        busy.current = false;
      });
  }, [loaded.cursor, page, question]);

  return {
    rows: loaded.rows,
    isPending: loaded.isPending && loaded.rows.length === 0,
    error: loaded.error,
    hasMore: loaded.cursor !== '',
    loadMore,
    reload: () => void refresh(),
  };
}
