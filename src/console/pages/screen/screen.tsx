/**
 * Screening: one question, a file, what was asked before, what came after the answer. A part an address. Auditors read what anybody asked,
 * and ask nothing.
 */
import { Link } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { worksAtDesk } from '../../shell.tsx';
import { useText } from '../../text/index.ts';
import { Alerts } from './alerts.tsx';
import { Ask } from './ask.tsx';
import { Batch } from './batch.tsx';
import { Past, PastOne } from './past.tsx';
import { Private } from './private.tsx';
import { useHasPrivate } from './use-private.ts';

const NAMES = ['ask', 'batch', 'past', 'alerts', 'private'] as const;
type Part = (typeof NAMES)[number];
const FOR_AUDITORS: readonly Part[] = ['past', 'private'];

export function ScreenPages({
  me,
  part,
  id,
}: {
  readonly me: Me;
  readonly part: string | undefined;
  readonly id: string | undefined;
}) {
  const say = useText();
  const names = me.role === 'auditor' ? FOR_AUDITORS : NAMES;
  const shown = names.find((name) => name === part) ?? (me.role === 'auditor' ? 'past' : 'ask');
  // A node that takes no part shows nothing of it.
  const isPrivate = useHasPrivate(worksAtDesk(me));
  return (
    <div className="page screen">
      <h1>{say('screen.title')}</h1>
      <nav className="tabs" aria-label={say('screen.parts')}>
        {names
          .filter((name) => name !== 'private' || isPrivate)
          .map((name) => (
            <Link key={name} href={`/screen/${name}`} aria-current={name === shown ? 'page' : undefined}>
              {say(`screen.${name}`)}
            </Link>
          ))}
      </nav>
      <Shown part={shown} id={id} isOfDesk={worksAtDesk(me)} />
    </div>
  );
}

function Shown({
  part,
  id,
  isOfDesk,
}: {
  readonly part: Part;
  readonly id: string | undefined;
  readonly isOfDesk: boolean;
}) {
  switch (part) {
    case 'ask':
      return <Ask />;
    case 'batch':
      return <Batch />;
    case 'past':
      return id === undefined ? (
        <Past isOfDesk={isOfDesk} />
      ) : (
        <PastOne screeningId={id} isOfDesk={isOfDesk} />
      );
    case 'alerts':
      return <Alerts />;
    case 'private':
      return <Private isOfDesk={isOfDesk} />;
  }
}
