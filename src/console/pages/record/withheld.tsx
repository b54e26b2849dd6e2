/** What is not shown, by whom and under which rule: nobody has to guess whether there is more. */
import type { Wire } from '../../../desk/http/contract.ts';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { sayOr, type TextKey, useText, wantRecordTexts } from '../../text/index.ts';

void wantRecordTexts();

export function Withheld({ withheld }: { readonly withheld: readonly Wire.WithheldFacet[] }) {
  const say = useText();
  if (withheld.length === 0) return null;
  return (
    <section className="card" aria-labelledby="withheld-title">
      <h2 id="withheld-title" className="row">
        <Icon name="lock" />
        {say('withheld.title', { count: withheld.length })}
      </h2>
      <ul className="withheld">
        {withheld.map(({ facet, facetClass, by, rule, reason }) => (
          <li key={facet}>
            <strong>{sayOr(`facet.${facet}`, facet)}</strong>{' '}
            <span className="chip">{say(`class.${facetClass}` as TextKey)}</span>
            <span className="soft small">
              {say(`withheld.${by}` as TextKey)}
              {rule !== '' && (
                <>
                  {' · '}
                  <code>{rule}</code> <Foreign text={sayOr(`rule.${rule}`, reason)} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
