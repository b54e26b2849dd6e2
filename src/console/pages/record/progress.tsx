/** How far each partner is with an own record: sent, received, in hand. Who is late is named first, since somebody has to ring up. */
import type { Wire } from '../../../desk/http/contract.ts';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { type TextKey, useText } from '../../text/index.ts';

const LOOKS: Readonly<Record<string, readonly [string, IconName]>> = {
  SENT: ['', 'send'],
  RECEIVED: ['accent', 'check'],
  ACKNOWLEDGED: ['good', 'check'],
  REFUSED: ['bad', 'cross'],
  WITHDRAWN: ['warn', 'recall'],
};
export const stateOf = ({ state }: Wire.PartnerProgress): string => state.slice('PROGRESS_STATE_'.length);

export function Progress({ progress }: { readonly progress: readonly Wire.PartnerProgress[] }) {
  const say = useText();
  const late = progress.filter(({ overdue }) => overdue);
  const shown = [...late, ...progress.filter(({ overdue }) => !overdue)];
  return (
    <section className="card" aria-labelledby="progress-title">
      <h2 id="progress-title">{say('progress.title')}</h2>
      <ul className="progress">
        {shown.map((partner) => (
          <PartnerRow key={partner.node} partner={partner} />
        ))}
      </ul>
    </section>
  );
}

function PartnerRow({ partner }: { readonly partner: Wire.PartnerProgress }) {
  const say = useText();
  const state = stateOf(partner);
  const [look, icon] = LOOKS[state] ?? ['', 'info'];
  const steps: readonly (readonly [TextKey, string | undefined])[] = [
    ['progress.sentAt', partner.sentAt],
    ['progress.receivedAt', partner.receivedAt],
  ];
  return (
    <li data-partner={partner.node}>
      <span className="row spread">
        <strong>{partner.node}</strong>
        <span className="row">
          {partner.overdue && (
            <span className="chip bad">
              <Icon name="clock" />
              {say('board.overdue')}
            </span>
          )}
          <span className={`chip ${look}`}>
            <Icon name={icon} />
            {say(`progress.${state}` as TextKey)}
          </span>
        </span>
      </span>
      <dl className="facts small">
        {steps.map(([label, ms]) =>
          msOf(ms) === 0 ? null : <Step key={label} label={say(label)} ms={msOf(ms)} />,
        )}
        {partner.acknowledgements.map(({ deskGroup, at }) => (
          <Step
            key={deskGroup}
            label={say('progress.acknowledgedAt', {
              desk: say(`deskGroup.${deskGroup.slice('DESK_GROUP_'.length).toLowerCase()}` as TextKey),
            })}
            ms={msOf(at)}
          />
        ))}
        {msOf(partner.acknowledgeBy) > 0 && (
          <Step label={say('progress.acknowledgeBy')} ms={msOf(partner.acknowledgeBy)} />
        )}
      </dl>
      {state === 'REFUSED' && (
        <span className="small">
          {say('progress.reason')} <code dir="ltr">{partner.reason.replace(/^REASON_/, '')}</code>
        </span>
      )}
    </li>
  );
}

function Step({ label, ms }: { readonly label: string; readonly ms: number }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Instant ms={ms} />
      </dd>
    </>
  );
}
