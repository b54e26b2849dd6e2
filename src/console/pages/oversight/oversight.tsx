/** For auditors: the trail, what is late or unanswered, disclosures decided once more, who stands out, the signed report. */
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useText, wantRecordTexts } from '../../text/index.ts';
import { Officers } from './officers.tsx';
import { Openings } from './openings.tsx';
import { Overdue } from './overdue.tsx';
import { Recalls } from './recalls.tsx';
import { Report } from './report.tsx';
import { Sample } from './sample.tsx';
import { Trail } from './trail.tsx';

void wantRecordTexts();

const PARTS = {
  trail: Trail,
  openings: Openings,
  overdue: Overdue,
  recalls: Recalls,
  sample: Sample,
  officers: Officers,
  report: Report,
} as const;
type Part = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Part[];

export function OversightPage({ part }: { readonly part: string | undefined }) {
  const say = useText();
  const shown = NAMES.find((name) => name === part) ?? 'trail';
  const Shown = PARTS[shown];
  const parts = useRef<HTMLElement>(null);
  // Of the parts that do not fit beside each other, the one that is open is in sight.
  useEffect(() => {
    parts.current
      ?.querySelector(`[href$="/${shown}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [shown]);
  return (
    <div className="page oversight">
      <h1>{say('oversight.title')}</h1>
      <nav className="tabs" ref={parts} aria-label={say('oversight.parts')}>
        {NAMES.map((name) => (
          <Link key={name} href={`/oversight/${name}`} aria-current={name === shown ? 'page' : undefined}>
            {say(`oversight.${name}`)}
          </Link>
        ))}
      </nav>
      <Shown />
    </div>
  );
}
