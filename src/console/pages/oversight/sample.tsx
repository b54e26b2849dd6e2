/** Disclosures drawn by a seed, each decided once more by the policy of its day: what was sent beside what is permitted. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../../api/client.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useDay, useNumber } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';
import { dayOf, PeriodFields, useMonth } from './period.tsx';
import { Replayed } from './replayed.tsx';

export function Sample() {
  const say = useText();
  const day = useDay();
  const number = useNumber();
  const [period, setPeriod] = useMonth();
  const [count, setCount] = useState('25');
  const [seed, setSeed] = useState('');
  const drawn = useMutation({
    mutationFn: () =>
      call('OversightService/SampleDisclosures', {
        ...dayOf(period),
        count: Number(count),
        seed: seed.trim(),
      }),
  });
  const draw = (event: FormEvent) => {
    event.preventDefault();
    drawn.mutate();
  };
  const differing = drawn.data?.disclosures.filter(
    ({ verdict }) => verdict === 'REPLAY_VERDICT_DIFFERS',
  ).length;
  return (
    <>
      <p className="soft">{say('oversight.sampleHint')}</p>
      <form className="card period-form" onSubmit={draw}>
        <PeriodFields period={period} change={setPeriod} />
        <label className="stack">
          <span>{say('oversight.count')}</span>
          <input
            className="input"
            type="number"
            min={1}
            max={100}
            required
            value={count}
            onChange={(event) => setCount(event.target.value)}
          />
        </label>
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
        <button type="submit" className="button primary" disabled={drawn.isPending}>
          <Icon name="refresh" />
          {say('oversight.draw')}
        </button>
      </form>
      {drawn.error && <ProblemNotice error={drawn.error} />}
      {drawn.isPending && <Waiting lines={4} height="6rem" />}
      {drawn.data && (
        <div className={`notice ${differing === 0 ? 'good' : 'bad'}`} role="status">
          <Icon name={differing === 0 ? 'check' : 'alert'} />
          <div>
            <p>
              {differing === 0
                ? say('oversight.noneDiffers', { count: number(drawn.data.disclosures.length) })
                : say('oversight.someDiffer', {
                    count: number(differing ?? 0),
                    all: number(drawn.data.disclosures.length),
                  })}
            </p>
            <p className="small">
              {say('oversight.drawnFrom', {
                count: number(Number(drawn.data.population)),
                from: day(Number(drawn.data.from)),
                until: day(Number(drawn.data.until) - 1),
              })}{' '}
              {say('oversight.seed')}:{' '}
              <code>
                <Foreign text={drawn.data.seed} most={64} />
              </code>
            </p>
          </div>
        </div>
      )}
      {drawn.data?.disclosures.length === 0 && (
        <Empty icon="send" title={say('oversight.nothingDisclosed')} />
      )}
      <ul className="stack">
        {drawn.data?.disclosures.map((one) => (
          <li key={one.number} className="card stack">
            <Replayed one={one} />
          </li>
        ))}
      </ul>
    </>
  );
}
