/** What the board shows; the address says it too, so that it can be kept and sent. */
import type { Me } from '../../../desk/http/contract.ts';
import { Icon } from '../../parts/icons.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import type { BoardFilter } from './use-board.ts';

export type Filter = BoardFilter;

const KINDS = [
  'watchlist-entry',
  'seizure-notice',
  'forged-euc-alert',
  'hotline-report',
  'warning',
  'tasking',
  'redress-request',
  'reference-table',
];
const STATES = ['RELEASED', 'SUPERSEDED', 'RECALLED', 'EXPIRED', 'PARKED'].map(
  (one) => `RECORD_STATE_${one}`,
);
const TLPS = ['CLEAR', 'GREEN', 'AMBER', 'AMBER_STRICT', 'RED'].map((one) => `TLP_${one}`);
const GROUPS = ['POLICE', 'CUSTOMS', 'LICENSING', 'MILITARY', 'BORDER', 'HOTLINE', 'HUB', 'REGISTER'].map(
  (one) => `DESK_GROUP_${one}`,
);
const ATTENTION = ['UNREAD', 'READ', 'ACKNOWLEDGED'].map((one) => `BOARD_ATTENTION_${one}`);

const FIELDS = ['text', 'kind', 'state', 'tlp', 'deskGroup', 'attention'] as const;

/** Of an address; what it does not know it leaves out, since anybody can write an address. */
export function filterOf(search: string): Filter {
  const query = new URLSearchParams(search);
  const among = (name: string, values: readonly string[]) => {
    const value = query.get(name);
    return value !== null && values.includes(value) ? { [name]: value } : {};
  };
  const text = query.get('text')?.slice(0, 200);
  return {
    ...(text ? { text } : {}),
    ...among('kind', KINDS),
    ...among('state', STATES),
    ...among('tlp', TLPS),
    ...among('deskGroup', GROUPS),
    ...among('attention', ATTENTION),
  };
}

export function searchOf(filter: Filter): string {
  const query = new URLSearchParams();
  for (const name of FIELDS) {
    const value = filter[name];
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

interface FiltersProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
  readonly me: Me;
}

export function Filters({ filter, onChange }: FiltersProps) {
  const say = useText();
  const set = (name: (typeof FIELDS)[number], value: string) => {
    const { [name]: _, ...rest } = filter;
    onChange(value === '' ? rest : ({ ...rest, [name]: value } as Filter));
  };
  const choice = (
    name: (typeof FIELDS)[number],
    values: readonly string[],
    text: (value: string) => string,
  ) => (
    <select
      className="input"
      aria-label={say(`filter.${name}` as TextKey)}
      value={String(filter[name] ?? '')}
      onChange={(event) => set(name, event.target.value)}
    >
      <option value="">{say(`filter.${name}.any` as TextKey)}</option>
      {values.map((value) => (
        <option key={value} value={value}>
          {text(value)}
        </option>
      ))}
    </select>
  );
  return (
    <search className="filters">
      <div className="search">
        <Icon name="search" />
        <input
          className="input"
          type="search"
          id="board-search"
          data-shortcut="search"
          maxLength={200}
          placeholder={say('filter.text')}
          aria-label={say('filter.text')}
          value={filter.text ?? ''}
          onChange={(event) => set('text', event.target.value)}
        />
      </div>
      {choice('attention', ATTENTION, (value) =>
        say(`attention.${value.slice(16).toLowerCase()}` as TextKey),
      )}
      {choice('kind', KINDS, (value) => say(`kind.${value}` as TextKey))}
      {choice('state', STATES, (value) => say(`state.${value}` as TextKey))}
      {choice('tlp', TLPS, (value) => value.replace('TLP_', 'TLP:').replace('AMBER_STRICT', 'AMBER+STRICT'))}
      {choice('deskGroup', GROUPS, (value) =>
        say(`deskGroup.${value.slice('DESK_GROUP_'.length).toLowerCase()}` as TextKey),
      )}
    </search>
  );
}
