/** Every rule in force, by who stands behind it, with its reason and its text. */
import { useState } from 'react';
import type { ResponseOf, Wire } from '../../../desk/http/contract.ts';
import { Empty } from '../../parts/empty.tsx';
import { Foreign } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { seen } from '../../parts/seen.ts';
import { sayOr, type TextKey, useText } from '../../text/index.ts';

export type PolicyInForce = ResponseOf<'PolicyService/GetPolicy'>;

/** A state's own first: it is what can be changed here. */
const LAYERS = [
  'POLICY_LAYER_NATIONAL',
  'POLICY_LAYER_BASELINE',
  'POLICY_LAYER_MARKING',
  'POLICY_LAYER_DESK',
] as const satisfies readonly Wire.PolicyLayer[];

export function Rules({ policy }: { readonly policy: PolicyInForce }) {
  const say = useText();
  const [wanted, setWanted] = useState('');
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const found = policy.rules.filter((rule) => {
    const text = [rule.id, rule.rule, rule.reason, sayOr(`rule.${rule.rule}`, ''), rule.text]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <>
      <search className="filters">
        <input
          className="input"
          type="search"
          aria-label={say('policy.search')}
          placeholder={say('policy.search')}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <span className="soft small" role="status">
          {say('policy.found', { count: found.length, all: policy.rules.length })}
        </span>
      </search>
      {found.length === 0 && <Empty icon="policy" title={say('policy.noRule')} />}
      {LAYERS.map((layer) => {
        const rules = found.filter((rule) => rule.layer === layer);
        if (rules.length === 0 && (layer !== 'POLICY_LAYER_NATIONAL' || words.length > 0)) return null;
        return (
          <section key={layer} className="card" aria-labelledby={layer}>
            <h2 id={layer}>{say(`policyLayer.${layer}`)}</h2>
            <p className="soft small">{say(`policyLayerHint.${layer}`, { version: policy.rosterVersion })}</p>
            {rules.length === 0 && <p>{say('policy.noNational')}</p>}
            <ul className="rules">
              {rules.map((rule) => (
                <li key={rule.id}>
                  <Rule rule={rule} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      <p className="soft small">
        {say('policy.digest')} <code dir="ltr">{policy.digest}</code>
      </p>
    </>
  );
}

function Rule({ rule }: { readonly rule: Wire.PolicyRule }) {
  const say = useText();
  const meaning = sayOr(`rule.${rule.rule}`, '');
  return (
    <details>
      <summary>
        <span className={`chip ${rule.permits ? 'good' : 'bad'}`}>
          <Icon name={rule.permits ? 'check' : 'cross'} />
          {say(`policy.${rule.permits ? 'permits' : 'forbids'}` as TextKey)}
        </span>{' '}
        <code>{seen(rule.rule)}</code> <Foreign text={rule.reason} />
      </summary>
      {meaning !== '' && <p className="soft small">{meaning}</p>}
      <p className="soft small">
        <code dir="ltr">{seen(rule.id)}</code>
        {rule.line > 0 && <> · {say('policy.line', { line: rule.line })}</>}
      </p>
      <pre className="cedar" dir="ltr">
        {seen(rule.text)}
      </pre>
    </details>
  );
}
