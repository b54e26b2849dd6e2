/** Who will see what, and why, under every cell: partners down, facets across. */
import { useState } from 'react';
import type { Wire } from '../../../desk/http/contract.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { sayOr, type TextKey, useText, wantRecordTexts } from '../../text/index.ts';

void wantRecordTexts();

const ruleText = ({ rule, reason }: Wire.Decision): string => sayOr(`rule.${rule}`, reason);

export function Preview({ partners }: { readonly partners: readonly Wire.PartnerView[] }) {
  const say = useText();
  const [open, setOpen] = useState('');
  const facets = partners[0]?.facets.map(({ facet, facetClass }) => ({ facet, facetClass })) ?? [];
  const receiving = partners.filter(({ receive }) => receive?.allowed === true);
  return (
    <section className="preview" aria-labelledby="preview-title">
      <h2 id="preview-title" className="row">
        <Icon name="eye" />
        {say('preview.title', { count: receiving.length, all: partners.length })}
      </h2>
      <TableFrame label={say('preview.table')}>
        <table className="table matrix">
          <thead>
            <tr>
              <th scope="col">{say('preview.partner')}</th>
              {facets.map(({ facet, facetClass }) => (
                <th key={facet} scope="col" title={say(`class.${facetClass}` as TextKey)}>
                  {sayOr(`facet.${facet}`, facet)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {partners.map((view) => (
              <tr key={view.partner} className={view.receive?.allowed === true ? '' : 'nothing'}>
                <th scope="row">
                  {view.partner}{' '}
                  <span className="soft small only-wide">
                    <Foreign text={view.partnerName} most={40} />
                  </span>
                </th>
                {view.receive?.allowed === true ? (
                  view.facets.map(({ facet, decision }) => (
                    <Cell
                      key={facet}
                      decision={decision}
                      id={`${view.partner} ${facet}`}
                      open={open}
                      onOpen={setOpen}
                      what={`${view.partner}, ${sayOr(`facet.${facet}`, facet)}`}
                    />
                  ))
                ) : (
                  <td colSpan={facets.length}>
                    <span className="row">
                      <Icon name="hidden" />
                      {say('preview.nothing')}
                      {view.receive && (
                        <span className="soft small">
                          <code>{view.receive.rule}</code> <Foreign text={ruleText(view.receive)} />
                        </span>
                      )}
                    </span>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <p className="soft small">{say('preview.hint')}</p>
    </section>
  );
}

interface CellProps {
  readonly decision: Wire.Decision | undefined;
  readonly id: string;
  readonly what: string;
  readonly open: string;
  readonly onOpen: (id: string) => void;
}

function Cell({ decision, id, what, open, onOpen }: CellProps) {
  const say = useText();
  const allowed = decision?.allowed === true;
  return (
    <td className={allowed ? 'yes' : 'no'}>
      <button
        type="button"
        className="cell"
        aria-expanded={open === id}
        aria-label={`${decision?.rule ?? ''} ${what}: ${say(allowed ? 'preview.sees' : 'preview.seesNot')}`}
        onClick={() => onOpen(open === id ? '' : id)}
      >
        <Icon name={allowed ? 'check' : 'cross'} />
        <code>{decision?.rule}</code>
      </button>
      {open === id && decision && (
        <span className="small reason">
          <Foreign text={ruleText(decision)} />
        </span>
      )}
    </td>
  );
}
