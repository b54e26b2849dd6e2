/** Facets of a record and members of the network, to choose several of. */
import { useQuery } from '@tanstack/react-query';
import type { ResponseOf } from '../../../../desk/http/contract.ts';
import { call } from '../../../api/client.ts';
import { useMe } from '../../../api/session.ts';
import { Foreign } from '../../../parts/foreign.tsx';
import { sayOr, useText } from '../../../text/index.ts';

interface Chosen {
  readonly chosen: readonly string[];
  readonly onChange: (next: readonly string[]) => void;
}

const toggled = (chosen: readonly string[], one: string): readonly string[] =>
  chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one];

/** What identifies a source, and internal notes, never leave: they are not offered. */
const OFFERED = ['S', 'O', 'M', 'P'];

export function Facets({
  shown,
  chosen,
  onChange,
}: Chosen & { readonly shown: ResponseOf<'RecordService/GetRecord'> }) {
  const say = useText();
  const facets = shown.facets.filter((facet) => OFFERED.includes(facet.facetClass));
  return (
    <fieldset className="picker">
      <legend>{say('ask.facets')}</legend>
      {facets.map(({ facet }) => (
        <label key={facet} className="check">
          <input
            type="checkbox"
            checked={chosen.includes(facet)}
            onChange={() => onChange(toggled(chosen, facet))}
          />
          {sayOr(`facet.${facet}`, facet)}
        </label>
      ))}
    </fieldset>
  );
}

export function Nodes({ chosen, onChange, except }: Chosen & { readonly except: readonly string[] }) {
  const say = useText();
  const { data: me } = useMe();
  const roster = useQuery({
    queryKey: ['network', 'roster'],
    queryFn: () => call('NetworkService/GetRoster', {}),
  });
  const members = (roster.data?.members ?? []).filter(
    ({ node, status }) => node !== me?.node && !except.includes(node) && status === 'active',
  );
  return (
    <fieldset className="picker">
      <legend>{say('ask.nodes')}</legend>
      {members.map(({ node, name }) => (
        <label key={node} className="check">
          <input
            type="checkbox"
            checked={chosen.includes(node)}
            onChange={() => onChange(toggled(chosen, node))}
          />
          <span>
            {node} · <Foreign text={name} most={60} />
          </span>
        </label>
      ))}
    </fieldset>
  );
}
