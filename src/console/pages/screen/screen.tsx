/** Screening: one question, a file, what was asked before, what came after the answer. A part an address. */
import { Link } from 'wouter';
import { useText } from '../../text/index.ts';
import { Alerts } from './alerts.tsx';
import { Ask } from './ask.tsx';
import { Batch } from './batch.tsx';
import { Past, PastOne } from './past.tsx';
import { Private } from './private.tsx';
import { usePrivatePartners } from './use-private.ts';

const PARTS = { ask: Ask, batch: Batch, past: Past, alerts: Alerts, private: Private } as const;
type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];

export function ScreenPages({
  part,
  id,
}: {
  readonly part: string | undefined;
  readonly id: string | undefined;
}) {
  const say = useText();
  const shown = NAMES.find((name) => name === part) ?? 'ask';
  const Shown = PARTS[shown];
  // A node that takes no part shows nothing of it.
  const isPrivate = usePrivatePartners().length > 0;
  return (
    <div className="page screen">
      <h1>{say('screen.title')}</h1>
      <nav className="tabs" aria-label={say('screen.parts')}>
        {NAMES.filter((name) => name !== 'private' || isPrivate).map((name) => (
          <Link key={name} href={`/screen/${name}`} aria-current={name === shown ? 'page' : undefined}>
            {say(`screen.${name}`)}
          </Link>
        ))}
      </nav>
      {shown === 'past' && id !== undefined ? <PastOne screeningId={id} /> : <Shown />}
    </div>
  );
}
