/** The report of a month as one file that the node signs: what is in it, and how anybody judges it. */
import { useState } from 'react';
import { fileHref } from '../../api/client.ts';
import { Icon } from '../../parts/icons.tsx';
import { useText } from '../../text/index.ts';
import { dayOf, PeriodFields, useMonth } from './period.tsx';

/** As the node takes them. */
const MOST_MS = 31 * 86_400_000;

export function Report() {
  const say = useText();
  const [period, setPeriod] = useMonth();
  const [seed, setSeed] = useState('');
  const { from, until } = dayOf(period);
  const lasts = Number(until) - Number(from);
  const isPeriod = lasts > 0 && lasts <= MOST_MS;
  const asked = new URLSearchParams({ from, until, count: '25', ...(seed === '' ? {} : { seed }) });
  const href = fileHref('/oversight/report');
  return (
    <div className="card stack">
      <h2>{say('oversight.reportTitle')}</h2>
      <p>{say('oversight.reportHint')}</p>
      <div className="period-form">
        <PeriodFields period={period} change={setPeriod} />
        <label className="stack">
          <span>{say('oversight.seed')}</span>
          <input
            className="input mono"
            maxLength={64}
            placeholder={say('oversight.seedHint')}
            value={seed}
            onChange={(event) => setSeed(event.target.value)}
          />
        </label>
        {isPeriod ? (
          <a className="button primary" href={`${href}${href.includes('?') ? '&' : '?'}${asked}`} download>
            <Icon name="download" />
            {say('oversight.download')}
          </a>
        ) : (
          <p role="status">{say('oversight.mostDays')}</p>
        )}
      </div>
      <p className="soft small">
        {say('oversight.judge')}{' '}
        <code>
          <bdi>tocsin audit verify-report FILE --network-digest HEX</bdi>
        </code>
      </p>
    </div>
  );
}
