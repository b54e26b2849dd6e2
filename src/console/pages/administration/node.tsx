/** What this node lives by: keys and how long they last, how long records are kept, languages. */
import type { Wire } from '../../../desk/http/contract.ts';
import { KINDS } from '../../compose/forms.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { Instant, msOf, useNumber } from '../../parts/time.tsx';
import {
  LANGUAGE_NAMES,
  LANGUAGES,
  sayOr,
  type TextKey,
  useText,
  wantRecordTexts,
} from '../../text/index.ts';
import { AdministrationNav, Command, useStatus } from './parts.tsx';

void wantRecordTexts();

const DAY_MS = 86_400_000;
/** From here on the node raises its own alarm as well. */
const SOON_DAYS = 30;

const TERMS = [
  { name: 'certificate', ends: 'certificateEnds', command: 'tocsin keys renew --dir NODE' },
  { name: 'statement', ends: 'statementEnds', command: 'tocsin keys rotate --dir NODE' },
  { name: 'roster', ends: 'rosterExpires', command: 'tocsin network propose' },
] as const;

export function NodePage() {
  const say = useText();
  const status = useStatus();
  const reviews = (status.data?.alarms ?? []).filter(({ code }) => code.startsWith('REVIEW_'));
  return (
    <div className="page">
      <AdministrationNav path="/administration/node" />
      <h1>{say('admin.node')}</h1>
      {status.error && <ProblemNotice error={status.error} retry={() => void status.refetch()} />}
      <section className="stack" aria-labelledby="terms-title">
        <h2 id="terms-title">{say('terms.title')}</h2>
        {status.isPending && <Waiting lines={3} height="4rem" />}
        {status.data && (
          <ul className="stack">
            {TERMS.map(({ name, ends, command }) => (
              <Term
                key={name}
                name={name}
                endsMs={msOf(status.data[ends])}
                nowMs={msOf(status.data.now)}
                command={command}
              />
            ))}
          </ul>
        )}
      </section>
      <section className="stack" aria-labelledby="retention-title">
        <h2 id="retention-title">{say('retention.title')}</h2>
        <p className="soft">{say('retention.hint')}</p>
        <Retention />
        <h3>{say('retention.reviews')}</h3>
        {reviews.length === 0 ? (
          <p className="soft">{say('retention.noReviews')}</p>
        ) : (
          <Reviews alarms={reviews} />
        )}
      </section>
      <section className="stack" aria-labelledby="languages-title">
        <h2 id="languages-title">{say('languages.title')}</h2>
        <p>
          {LANGUAGES.map((one, at) => (
            <span key={one}>
              {at > 0 && ' · '}
              <bdi lang={one}>{LANGUAGE_NAMES[one]}</bdi>
            </span>
          ))}
        </p>
        <p className="soft">{say('languages.hint')}</p>
      </section>
    </div>
  );
}

function Term({
  name,
  endsMs,
  nowMs,
  command,
}: {
  readonly name: (typeof TERMS)[number]['name'];
  readonly endsMs: number;
  readonly nowMs: number;
  readonly command: string;
}) {
  const say = useText();
  const days = Math.floor((endsMs - nowMs) / DAY_MS);
  const look = days < 0 ? 'bad' : days < SOON_DAYS ? 'warn' : 'good';
  return (
    <li className="card stack">
      <div className="row spread">
        <h3>{say(`terms.${name}`)}</h3>
        <span className={`chip ${look}`}>
          <Icon name={look === 'good' ? 'check' : 'alert'} />
          {days < 0 ? say('terms.ended') : say('terms.days', { count: days })}
        </span>
      </div>
      <p>
        {say(`terms.${name}Hint`)} {say('terms.until')} <Instant ms={endsMs} />.
      </p>
      <p className="small">
        {say(`terms.${name}Do`)} <Command>{command}</Command>
      </p>
    </li>
  );
}

function Retention() {
  const say = useText();
  const number = useNumber();
  return (
    <TableFrame label={say('retention.title')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{say('filter.kind')}</th>
            <th scope="col">{say('retention.review')}</th>
            <th scope="col">{say('retention.expire')}</th>
            <th scope="col">{say('retention.earlier')}</th>
          </tr>
        </thead>
        <tbody>
          {KINDS.map(({ code, retention, facets }) => (
            <tr key={code}>
              <th scope="row">{say(`kind.${code}` as TextKey)}</th>
              <td>{number(retention.reviewEveryDays)}</td>
              <td>{number(retention.expireAfterDays)}</td>
              <td>
                {facets
                  .filter(({ keepDays }) => keepDays !== undefined)
                  .map(({ name, keepDays }) => `${sayOr(`facet.${name}`, name)}: ${number(keepDays ?? 0)}`)
                  .join(', ') || '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Reviews({ alarms }: { readonly alarms: readonly Wire.Alarm[] }) {
  return (
    <ul className="stack">
      {alarms.map((alarm) => (
        <li key={`${alarm.code} ${alarm.subject}`} className="card">
          <Foreign text={sayOr(`alarm.${alarm.code}`, alarm.detail)} most={400} />{' '}
          <span className="soft small">
            <Foreign text={alarm.subject} most={80} />
          </span>
        </li>
      ))}
    </ul>
  );
}
