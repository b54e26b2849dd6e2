/** Live updates: lists that may have changed are asked for again; where the link is lost, people are told. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { API, standingNow } from './client.ts';
import { forgetShownFrom } from './kept.ts';

export type LinkState = 'connecting' | 'live' | 'lost';

/** Lists that arrivals and other officers change. */
const LISTS = [
  'board',
  'duties',
  'drafts',
  'record',
  'network',
  'officers',
  'policy',
  'alarms',
  'hotline',
  'openings',
];

const AGAIN_MS = 5_000;
/** However much arrives, lists are asked for once in so long. */
const REFRESH_MS = 1_000;

/** Follows the node while mounted. The browser connects again by itself and names the last event it had. */
export function useLive(hasInbox: boolean): LinkState {
  const client = useQueryClient();
  const [state, setState] = useState<LinkState>('connecting');
  useEffect(() => {
    const { purpose, mode } = standingNow();
    const query = new URLSearchParams({
      after: '999999999999999',
      ...(hasInbox ? {} : { items: 'no' }),
      ...(purpose === '' ? {} : { purpose }),
      ...(mode === 'live' ? {} : { mode }),
    });
    let lastAt = -REFRESH_MS;
    let soon: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      if (soon !== undefined) return;
      soon = setTimeout(
        () => {
          soon = undefined;
          lastAt = performance.now();
          for (const list of LISTS) void client.invalidateQueries({ queryKey: [list] });
        },
        Math.max(0, lastAt + REFRESH_MS - performance.now()),
      );
    };
    let wasLost = false;
    let source: EventSource;
    let again: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(`${API}/events?${query}`);
      source.addEventListener('open', () => {
        setState('live');
        // What happened while the link was lost is asked for at once, and whether the session still is.
        if (wasLost) {
          forgetShownFrom();
          void client.invalidateQueries({ queryKey: ['me'] });
          refresh();
        }
        wasLost = false;
      });
      source.addEventListener('error', () => {
        wasLost = true;
        setState('lost');
        void client.invalidateQueries({ queryKey: ['me'] });
        // A proxy that answered for the node ends the browser's own attempts.
        if (source.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
      });
      source.addEventListener('item', refresh);
      source.addEventListener('changed', refresh);
    };
    open();
    return () => {
      clearTimeout(again);
      clearTimeout(soon);
      source.close();
    };
  }, [hasInbox, client]);
  return state;
}
