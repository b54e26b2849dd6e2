/** Head and foot of every printed page: a sheet that was separated from the others still says how it may be handled, and whose it is. */
import { standingNow } from '../api/client.ts';
import { useMe } from '../api/session.ts';
import { useText } from '../text/index.ts';
import { Foreign } from './foreign.tsx';
import { Tlp } from './marking.tsx';
import { useInstant, useNow } from './time.tsx';

interface PrintMarksProps {
  readonly place: 'head' | 'foot';
  readonly tlp: string;
  /** Identifies the record on every sheet; empty for a draft. */
  readonly headerDigest: string;
}

export function PrintMarks({ place, tlp, headerDigest }: PrintMarksProps) {
  const say = useText();
  const instant = useInstant();
  const now = useNow();
  const { data: me } = useMe();
  return (
    <div className={`print-${place} only-print`} aria-hidden="true">
      <div className="print-marks">
        <Tlp tlp={tlp} />
        {standingNow().mode === 'exercise' && <strong>{say('mode.exercise')}</strong>}
        <span className="grow">
          {place === 'head' && me ? (
            <>
              Tocsin · {me.node} · {say('print.by')} <Foreign text={me.name} most={60} />, {instant(now)}
            </>
          ) : (
            <code dir="ltr">{headerDigest}</code>
          )}
        </span>
      </div>
    </div>
  );
}
