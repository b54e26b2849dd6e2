/** Thousands of rows of which only those in sight are in the page. One stop of the keyboard; arrows move the selection. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useText } from '../../text/index.ts';
import { Row } from './row.tsx';
import { type BoardRow, keyOf } from './use-board.ts';

interface RowListProps {
  readonly rows: readonly BoardRow[];
  readonly selected: string;
  readonly onSelect: (key: string) => void;
  readonly onOpen: (key: string) => void;
  readonly onEnd: () => void;
  readonly hasMore: boolean;
}

const ROW_PX = 68;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 30;

export function RowList({ rows, selected, onSelect, onOpen, onEnd, hasMore }: RowListProps) {
  const say = useText();
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    getItemKey: (index) => keyOf(rows[index] as BoardRow),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - AHEAD) onEnd();
  }, [hasMore, last, rows.length, onEnd]);
  const at = rows.findIndex((row) => keyOf(row) === selected);
  // Chosen on the map: it comes into sight here.
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);

  const move = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 10,
      PageUp: -10,
      Home: -rows.length,
      End: rows.length,
    };
    const step = steps[event.key];
    if (step !== undefined && !event.metaKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      const next = rows[Math.min(rows.length - 1, Math.max(0, (at < 0 ? -1 : at) + step))];
      if (next) onSelect(keyOf(next));
    }
    if (event.key === 'Enter' && selected !== '') onOpen(selected);
  };
  return (
    <div
      ref={frame}
      className="rows"
      data-shortcut="list"
      role="listbox"
      tabIndex={0}
      aria-label={say('board.list')}
      aria-activedescendant={at >= 0 ? `row-${selected}` : undefined}
      onKeyDown={move}
    >
      <div role="presentation" style={{ blockSize: virtual.getTotalSize(), position: 'relative' }}>
        {items.map((item) => {
          const row = rows[item.index] as BoardRow;
          const key = keyOf(row);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
            <div
              key={item.key}
              id={`row-${key}`}
              role="option"
              aria-selected={key === selected}
              aria-setsize={hasMore ? -1 : rows.length}
              aria-posinset={item.index + 1}
              className={`board-row fades${row.attention === 'BOARD_ATTENTION_UNREAD' ? ' is-unread' : ''}`}
              style={{ blockSize: item.size, transform: `translateY(${item.start}px)` }}
              onClick={() => onOpen(key)}
              onPointerEnter={() => onSelect(key)}
            >
              <Row row={row} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
