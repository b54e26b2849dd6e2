/** What came after the answer: entries that meet what was kept, hits that are withdrawn. Taken note of for the whole desk. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, Instant, msOf } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';
import { Hit } from './hit.tsx';
import { Asked } from './past.tsx';
import { askedText } from './words.ts';

export function Alerts() {
  const say = useText();
  const [acknowledgedToo, setAcknowledgedToo] = useState(false);
  const alerts = useQuery({
    queryKey: ['screenings', 'alerts', acknowledgedToo],
    queryFn: () => call('ScreeningService/ListScreeningAlerts', { acknowledgedToo, pageSize: 100 }),
    retry: false,
    refetchInterval: 60_000,
  });
  return (
    <div className="stack">
      <label className="check">
        <input
          type="checkbox"
          checked={acknowledgedToo}
          onChange={(event) => setAcknowledgedToo(event.target.checked)}
        />
        {say('screen.allAlerts')}
      </label>
      {alerts.error && <ProblemNotice error={alerts.error} retry={() => void alerts.refetch()} />}
      {alerts.isPending ? (
        <Waiting lines={4} height="4rem" />
      ) : (
        alerts.data?.alerts.length === 0 && (
          <Empty icon="bell" title={say('screen.noAlerts')}>
            <p>{say('screen.noAlertsHint')}</p>
          </Empty>
        )
      )}
      <ul className="stack">
        {alerts.data?.alerts.map((alert) => (
          <li key={alert.alertId}>
            <Alert alert={alert} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Alert({ alert }: { readonly alert: Wire.ScreeningAlert }) {
  const say = useText();
  const client = useQueryClient();
  const note = useMutation({
    mutationFn: () => call('ScreeningService/AcknowledgeScreeningAlert', { alertId: alert.alertId }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['screenings', 'alerts'] }),
  });
  const isWithdrawn = alert.type === 'SCREENING_ALERT_TYPE_WITHDRAWN';
  const noted = msOf(alert.acknowledgedAt);
  return (
    <section className="card stack alert" aria-label={say(`screen.alert.${alert.type}`)}>
      <div className="row spread">
        <strong className="row">
          <Icon name={isWithdrawn ? 'recall' : 'bell'} />
          {say(`screen.alert.${alert.type}`)}
        </strong>
        <span className="soft small">
          <Ago ms={msOf(alert.at)} />
        </span>
      </div>
      {isWithdrawn && <p>{say('screen.alertWithdrawnHint')}</p>}
      {alert.screening && (
        <div>
          <Asked one={alert.screening} />
        </div>
      )}
      {alert.hit && (
        <Hit
          hit={alert.hit}
          screeningId={isWithdrawn ? '' : (alert.screening?.screeningId ?? '')}
          question={askedText(alert.screening?.query)}
        />
      )}
      {note.error && <ProblemNotice error={note.error} />}
      {noted > 0 ? (
        <p className="soft small">
          {say('screen.acknowledged')} <Instant ms={noted} />
        </p>
      ) : (
        <div className="row">
          <button type="button" className="button" disabled={note.isPending} onClick={() => note.mutate()}>
            <Icon name="check" />
            {say('screen.acknowledge')}
          </button>
        </div>
      )}
    </section>
  );
}
