/** Why a partner sees which facet of an own record, or does not: the decision, its rule and its reason; nothing of what the record says. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Me, Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { Instant, msOf } from '../../parts/time.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { digestOfPath } from '../board/row.tsx';
import { readReference } from './reference.ts';

const GROUPS = [
  'POLICE',
  'CUSTOMS',
  'LICENSING',
  'MILITARY',
  'BORDER',
  'HOTLINE',
  'HUB',
  'REGISTER',
] as const;
const PURPOSES = [
  'LICENSING',
  'CUSTOMS_CONTROL',
  'BORDER',
  'INVESTIGATION',
  'IDENTIFY_OBJECT',
  'TRACE',
  'WARNING',
  'THREAT_ANALYSIS',
  'FORENSIC',
  'SECURITY_CHECK',
  'STATISTICS',
  'REDRESS',
] as const;

export const groupText = (group: string): TextKey =>
  `deskGroup.${group.replace('DESK_GROUP_', '').toLowerCase()}` as TextKey;
export const purposeText = (purpose: string): TextKey =>
  `purpose.${purpose.replace('PURPOSE_', '').toLowerCase().replaceAll('_', '-')}` as TextKey;

interface Asked {
  readonly reference: string;
  readonly partner: string;
  readonly group: string;
  readonly purpose: string;
}

export function Explain({ digest, me }: { readonly digest: string | undefined; readonly me: Me }) {
  const say = useText();
  const [asked, setAsked] = useState<Asked>({
    reference: digest === undefined ? '' : digestOfPath(digest),
    partner: '',
    group: '',
    purpose: '',
  });
  const roster = useQuery({
    queryKey: ['network', 'roster'],
    queryFn: () => call('NetworkService/GetRoster', {}),
  });
  const reference = readReference(asked.reference);
  const halfCell = (asked.group === '') !== (asked.purpose === '');
  const answer = useQuery({
    queryKey: ['explain', asked],
    queryFn: () =>
      call('PolicyService/Explain', {
        ...reference,
        partner: asked.partner,
        ...(asked.group === ''
          ? {}
          : {
              deskGroup: `DESK_GROUP_${asked.group}` as Wire.DeskGroup,
              purpose: `PURPOSE_${asked.purpose}` as Wire.Purpose,
            }),
      }),
    enabled: reference !== undefined && asked.partner !== '' && !halfCell,
    retry: false,
  });
  const set = (change: Partial<Asked>) => setAsked({ ...asked, ...change });
  return (
    <>
      <p className="soft">{say('explain.hint')}</p>
      <form className="card explain-form" onSubmit={(event) => event.preventDefault()}>
        <Field
          label={say('explain.record')}
          hint={say('explain.recordHint')}
          fault={
            asked.reference.trim() !== '' && reference === undefined ? say('explain.recordFault') : undefined
          }
        >
          {(control) => (
            <input
              {...control}
              className="input mono"
              dir="ltr"
              spellCheck={false}
              value={asked.reference}
              onChange={(event) => set({ reference: event.target.value })}
            />
          )}
        </Field>
        <Field label={say('preview.partner')}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={asked.partner}
              onChange={(event) => set({ partner: event.target.value })}
            >
              <option value="">{say('choose')}</option>
              {(roster.data?.members ?? [])
                .filter(({ node }) => node !== me.node)
                .map(({ node, name }) => (
                  <option key={node} value={node}>
                    {node} · {name}
                  </option>
                ))}
            </select>
          )}
        </Field>
        <Field label={say('explain.desk')}>
          {(control) => (
            <select
              {...control}
              className="input"
              value={asked.group}
              onChange={(event) =>
                set({ group: event.target.value, ...(event.target.value === '' ? { purpose: '' } : {}) })
              }
            >
              <option value="">{say('explain.anyDesk')}</option>
              {GROUPS.map((one) => (
                <option key={one} value={one}>
                  {say(groupText(one))}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={say('explain.purpose')} hint={halfCell ? say('explain.pair') : undefined}>
          {(control) => (
            <select
              {...control}
              className="input"
              disabled={asked.group === ''}
              value={asked.purpose}
              onChange={(event) => set({ purpose: event.target.value })}
            >
              <option value="">{say('explain.anyPurpose')}</option>
              {PURPOSES.map((one) => (
                <option key={one} value={one}>
                  {say(purposeText(one))}
                </option>
              ))}
            </select>
          )}
        </Field>
      </form>
      {roster.error && <ProblemNotice error={roster.error} retry={() => void roster.refetch()} />}
      {answer.error && <ProblemNotice error={answer.error} retry={() => void answer.refetch()} />}
      {answer.isFetching && answer.data === undefined && <Waiting lines={6} height="2.4rem" />}
      {answer.data?.view && <Decisions kind={answer.data.kind} view={answer.data.view} at={answer.data.at} />}
    </>
  );
}

interface DecisionsProps {
  readonly kind: string;
  readonly view: Wire.PartnerView;
  readonly at: string;
}

function Decisions({ kind, view, at }: DecisionsProps) {
  const say = useText();
  const rows = [
    { name: say('explain.existence'), decision: view.receive },
    ...view.facets.map(({ facet, decision }) => ({ name: sayOr(`facet.${facet}`, facet), decision })),
  ];
  const title = say('explain.title', {
    kind: say(`kind.${kind}` as TextKey),
    partner: `${view.partner} ${view.partnerName}`,
  });
  return (
    <section className="stack decisions" aria-labelledby="decisions-title">
      <h2 id="decisions-title">
        <Foreign text={title} />
      </h2>
      <p className="soft small">
        {view.deskGroups.map((group) => say(groupText(group))).join(', ')}
        {view.deskGroups.length > 0 && ' · '}
        {view.purposes.map((purpose) => say(purposeText(purpose))).join(', ')}
        {view.purposes.length > 0 && ' · '}
        <Instant ms={msOf(at)} />
      </p>
      <TableFrame label={title}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{say('explain.what')}</th>
              <th scope="col">{say('explain.decision')}</th>
              <th scope="col">{say('explain.rule')}</th>
              <th scope="col">{say('explain.why')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, decision }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <span className={`chip ${decision?.allowed === true ? 'good' : 'bad'}`}>
                    <Icon name={decision?.allowed === true ? 'check' : 'cross'} />
                    {say(decision?.allowed === true ? 'preview.sees' : 'preview.seesNot')}
                  </span>
                </td>
                <td>
                  <code>
                    <Foreign text={decision?.rule ?? ''} most={64} />
                  </code>
                </td>
                <td>
                  <Foreign
                    text={decision === undefined ? '' : sayOr(`rule.${decision.rule}`, decision.reason)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}
