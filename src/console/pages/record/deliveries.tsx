/** What became of an own record at each partner: the receipt is the partner's signed word. */
import type { Wire } from '../../../desk/http/contract.ts';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { Ago, msOf } from '../../parts/time.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';

const LOOKS: Readonly<Record<string, readonly [string, IconName]>> = {
  receipted: ['good', 'check'],
  sent: ['accent', 'send'],
  waiting: ['', 'clock'],
  refused: ['bad', 'cross'],
  withdrawn: ['warn', 'recall'],
  skipped: ['bad', 'alert'],
};

export function Deliveries({ deliveries }: { readonly deliveries: readonly Wire.Delivery[] }) {
  const say = useText();
  return (
    <section className="card" aria-labelledby="deliveries-title">
      <h2 id="deliveries-title">{say('deliveries.title')}</h2>
      <ul className="deliveries">
        {deliveries.map((delivery) => {
          const [look, icon] = LOOKS[delivery.state] ?? ['', 'info'];
          return (
            <li key={`${delivery.recipient} ${delivery.createdAt} ${delivery.facets.join()}`}>
              <span className="row spread">
                <strong>{delivery.recipient}</strong>
                <span className={`chip ${look}`}>
                  <Icon name={icon} />
                  {say(`delivery.${delivery.state}` as TextKey)}
                </span>
              </span>
              <span className="soft small">
                <Ago ms={msOf(delivery.closedAt) || msOf(delivery.createdAt)} /> ·{' '}
                {delivery.facets.map((facet) => sayOr(`facet.${facet}`, facet)).join(', ')}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
