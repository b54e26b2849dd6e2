/** At the foot of every page, where nothing moves for it: that there is no link and from when things are; that a later build is here. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { knownFrom } from '../api/kept.ts';
import type { LinkState } from '../api/live.ts';
import { openWithLaterBuild, useLaterBuild } from '../api/program.ts';
import { handInWaiting } from '../compose/hand-in.ts';
import { localDrafts } from '../compose/local-drafts.ts';
import { useText } from '../text/index.ts';
import { Icon } from './icons.tsx';
import { useInstant } from './time.tsx';
import { useToast } from './toast.tsx';

/** A link that is back sooner was never missed. */
const MISSED_MS = 2_500;

export function StandingNotes({ link }: { readonly link: LinkState }) {
  const hasLater = useLaterBuild();
  const isMissed = useMissed(link);
  useHandIn(link);
  return (
    <div className="standing-notes no-print" role="status">
      {isMissed && <NoLink />}
      {hasLater && <LaterBuild />}
    </div>
  );
}

/** What waited and could not be handed in is tried again so often while there is a link. */
const AGAIN_MS = 60_000;

function useMissed(link: LinkState): boolean {
  const [isMissed, setMissed] = useState(false);
  useEffect(() => {
    if (link === 'live') {
      setMissed(false);
      return;
    }
    const timer = setTimeout(() => setMissed(true), MISSED_MS);
    return () => clearTimeout(timer);
  }, [link]);
  return isMissed;
}

/** What was to be submitted once the link is back is submitted, and said. */
function useHandIn(link: LinkState): void {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  useEffect(() => {
    if (link !== 'live') return;
    const handIn = () =>
      handInWaiting()
        .then(({ submitted, returned }) => {
          if (submitted > 0) tell(say('compose.handedIn', { count: submitted }));
          if (returned > 0) tell(say('compose.returned', { count: returned }));
          if (submitted + returned > 0)
            for (const list of ['drafts', 'duties', 'local-drafts'])
              void client.invalidateQueries({ queryKey: [list] });
        })
        // The link is lost again, or the node refuses for now: they wait on.
        .catch(() => undefined);
    void handIn();
    const timer = setInterval(() => void handIn(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [link, tell, say, client]);
}

function NoLink() {
  const say = useText();
  const instant = useInstant();
  const [waiting, setWaiting] = useState(0);
  useEffect(() => {
    const count = () =>
      void localDrafts()
        .then((drafts) => setWaiting(drafts.filter(({ waits }) => waits).length))
        .catch(() => undefined);
    count();
    const timer = setInterval(count, 5_000);
    return () => clearInterval(timer);
  }, []);
  const from = knownFrom();
  return (
    <div className="standing-note warn">
      <Icon name="offline" />
      <p>
        <strong>{say('offline.title')}</strong>{' '}
        {from !== undefined && say('offline.from', { at: instant(from) })} {say('offline.can')}
        {waiting > 0 && ` ${say('offline.waiting', { count: waiting })}`}
      </p>
    </div>
  );
}

function LaterBuild() {
  const say = useText();
  return (
    <div className="standing-note">
      <Icon name="refresh" />
      <p>{say('program.later')}</p>
      <button type="button" className="button" onClick={openWithLaterBuild}>
        {say('program.open')}
      </button>
    </div>
  );
}
