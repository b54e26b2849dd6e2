/** What a report is about, at the head of its page, and reports that may be of the same matter. */
import { Link } from 'wouter';
import type { Wire } from '../../../desk/http/contract.ts';
import { Icon } from '../../parts/icons.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { valueText } from '../record/field-text.ts';
import { reportId, reportPath } from './reports.ts';

export function ReportHead({ report }: { readonly report: Wire.Report }) {
  const say = useText();
  const { summary } = report;
  return (
    <header className="stack">
      <p className="row">
        <span className="chip accent">
          {say(`hotline.state.${report.state.slice('REPORT_STATE_'.length)}` as TextKey)}
        </span>
        <span>{valueText(summary?.imminence ?? '') ?? ''}</span>
        <span className="soft">
          {say('hotline.number')} <code dir="ltr">{summary?.reportNumber}</code>
        </span>
      </p>
      <h1>
        {valueText(summary?.category ?? '') ?? ''} · <bdi>{summary?.subdivision || summary?.country}</bdi>
      </h1>
    </header>
  );
}

/** Reports that may be of the same matter, to be read beside this one. */
export function Similar({ similar }: { readonly similar: readonly Wire.Report[] }) {
  const say = useText();
  if (similar.length === 0) return null;
  return (
    <section className="notice warn" aria-labelledby="similar-title">
      <Icon name="list" />
      <div>
        <h2 id="similar-title">{say('hotline.similar', { count: similar.length })}</h2>
        <ul className="similar">
          {similar.map((one) => (
            <li key={reportId(one)}>
              <Link href={reportPath(one)}>
                {valueText(one.summary?.category ?? '') ?? ''} ·{' '}
                <bdi>{one.summary?.subdivision || one.summary?.country}</bdi> ·{' '}
                <code dir="ltr">{one.summary?.reportNumber}</code>
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
