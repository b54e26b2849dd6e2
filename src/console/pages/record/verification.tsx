/** Who said it, in sentences that a court would understand; the numbers behind them one click below. */
import { useId } from 'react';
import type { ResponseOf, Wire } from '../../../desk/http/contract.ts';
import { hexOf } from '../../api/digest.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { Instant, msOf, useInstant, useNumber } from '../../parts/time.tsx';
import { type TextKey, useText } from '../../text/index.ts';

type Shown = ResponseOf<'RecordService/GetRecord'>;

const LOOKS: Readonly<Record<string, readonly [string, IconName]>> = {
  PROOF_STATE_WITNESSED: ['good', 'check'],
  PROOF_STATE_SIGNED: ['accent', 'check'],
  PROOF_STATE_PENDING: ['warn', 'clock'],
  PROOF_STATE_FAILED: ['bad', 'alert'],
};

export function Verification({ shown }: { readonly shown: Shown }) {
  const say = useText();
  const instant = useInstant();
  const number = useNumber();
  const id = useId();
  const { verification: report, record } = shown;
  if (report === undefined || record === undefined) return null;
  const [look, icon] = LOOKS[report.state] ?? ['bad', 'alert'];
  const originator = `${report.originatorName} (${report.originator})`;
  const heldBack = shown.withheld.filter(({ by }) => by === 'originator').map(({ facet }) => facet);
  const sentences = [
    say(report.signaturesValid ? 'proof.signed' : 'proof.notSigned', { originator }),
    ...(report.leafIndex === undefined
      ? [say('proof.pending')]
      : [
          say(report.inclusionValid ? 'proof.logged' : 'proof.notLogged', {
            index: number(Number(report.leafIndex)),
            at: instant(msOf(report.checkpointAt)),
          }),
        ]),
    ...(report.witnesses.length > 0
      ? [
          say('proof.witnessed', {
            witnesses: report.witnesses.map((name) => name.split('/').at(-2) ?? name).join(', '),
            count: report.witnesses.length,
            wanted: report.witnessThreshold,
          }),
        ]
      : report.witnessThreshold > 0
        ? [say('proof.notWitnessed', { wanted: report.witnessThreshold })]
        : []),
    ...(report.sender === ''
      ? []
      : [
          report.forwarded
            ? say('proof.through', { node: report.sender, at: instant(msOf(report.committedAt)) })
            : say('proof.direct', { node: report.sender, at: instant(msOf(report.committedAt)) }),
        ]),
    heldBack.length === 0
      ? say('proof.whole')
      : say('proof.withheld', {
          count: heldBack.length,
          facets: heldBack.map((one) => say(`facet.${one}` as TextKey)).join(', '),
        }),
  ];
  return (
    <section className={`card proof ${look}`} aria-labelledby={id}>
      <h2 id={id} className="row">
        <Icon name={icon} />
        {say(`proof.${report.state}` as TextKey)}
      </h2>
      <ul className="stack">
        {sentences.map((sentence) => (
          <li key={sentence}>
            <Foreign text={sentence} most={600} />
          </li>
        ))}
      </ul>
      {report.problemDetail !== '' && (
        <p className="notice bad">
          <Foreign text={report.problemDetail} most={600} />
        </p>
      )}
      <p className="soft small">{say('proof.checkedNow')}</p>
      <details className="no-print">
        <summary>{say('proof.technical')}</summary>
        <Technical record={record} report={report} />
      </details>
      <div className="only-print">
        <h3>{say('proof.technical')}</h3>
        <Technical record={record} report={report} />
      </div>
    </section>
  );
}

/** What a court's expert asks for: the numbers that the sentences rest on. */
function Technical({
  record,
  report,
}: {
  readonly record: Wire.RecordSummary;
  readonly report: Wire.VerificationReport;
}) {
  const say = useText();
  return (
    <dl className="facts small">
      <dt>{say('proof.headerDigest')}</dt>
      <dd>
        <code dir="ltr">{hexOf(record.headerDigest)}</code>
      </dd>
      <dt>{say('proof.recordId')}</dt>
      <dd>
        <code dir="ltr">{hexOf(record.recordId)}</code>
      </dd>
      <dt>{say('proof.log')}</dt>
      <dd>
        <code dir="ltr">{report.logOrigin}</code>
      </dd>
      <dt>{say('proof.position')}</dt>
      <dd>{report.leafIndex === undefined ? '–' : `${report.leafIndex} / ${report.checkpointSize}`}</dd>
      <dt>{say('proof.checkpointAt')}</dt>
      <dd>
        <Instant ms={msOf(report.checkpointAt)} />
      </dd>
      <dt>{say('proof.statement')}</dt>
      <dd>
        {report.statementSequence} · <code dir="ltr">{hexOf(report.statementDigest)}</code>
      </dd>
      <dt>{say('proof.authority')}</dt>
      <dd>
        <Foreign text={report.authoritySubject} />
      </dd>
      <dt>{say('proof.witnesses')}</dt>
      <dd>
        {report.witnesses.map((name) => (
          <div key={name}>
            <code dir="ltr">{name}</code>
          </div>
        ))}
        {report.witnesses.length === 0 && '–'}
      </dd>
      <dt>{say('proof.commitments')}</dt>
      <dd>
        {report.commitments.map(({ facet, held, valid }) => (
          <div key={facet} className="row">
            <Icon
              name={held ? (valid ? 'check' : 'alert') : 'hidden'}
              label={say(held ? (valid ? 'proof.valid' : 'proof.invalid') : 'proof.notHeld')}
            />
            <code>{facet}</code>
          </div>
        ))}
      </dd>
    </dl>
  );
}
