/** What the text was taken for, so that nobody wonders what was searched. */
import type { Wire } from '../../../desk/http/contract.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { schemeText } from './words.ts';

/** Schemes whose numbers carry a check digit: that it holds is worth a word. */
const CHECKED = ['imo-ship', 'imo-company', 'container', 'lei', 'air-waybill'];

export function Readings({
  result,
  fault,
  onTake,
}: {
  readonly result: Wire.ScreeningResult;
  readonly fault: string | undefined;
  readonly onTake: (text: string) => void;
}) {
  const say = useText();
  if (fault !== undefined)
    return (
      <div className="notice warn" role="alert">
        <Icon name="alert" />
        <p>{fault}</p>
      </div>
    );
  // That a number is searched as a name too is said last.
  const readings = result.readings.toSorted((a, b) => Number(a.scheme === '') - Number(b.scheme === ''));
  return (
    <div className="stack">
      <ul className="row readings" aria-label={say('screen.takenFor')}>
        {readings.map(({ scheme, value, notes }) => (
          <li key={`${scheme} ${value}`} className="chip">
            <span className="soft">{say('screen.takenFor')}:</span>
            <span>{scheme === '' ? say('screen.aName') : schemeText(scheme)}</span>
            {scheme !== '' && (
              <span className="mono" dir="ltr">
                <Foreign text={value} most={64} />
              </span>
            )}
            {notes.length > 0 ? (
              <span>· {notes.map((note) => say(`screen.note.${note}` as TextKey)).join(', ')}</span>
            ) : (
              CHECKED.includes(scheme) && <span>· {say('screen.checkHolds')}</span>
            )}
          </li>
        ))}
      </ul>
      {result.corrections.length > 0 && (
        <p className="row">
          <span>{say('screen.corrections')}</span>
          {result.corrections.map((one) => (
            <button key={one} type="button" className="button mono" onClick={() => onTake(one)}>
              {one}
            </button>
          ))}
        </p>
      )}
    </div>
  );
}
