/** Whom a record can be released to: members in force and their groups, by the roster. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Me } from '../../desk/http/contract.ts';
import { read } from '../api/kept.ts';
import { seen } from '../parts/seen.ts';
import { useText } from '../text/index.ts';
import type { Choice } from './form.tsx';

export function usePartners(me: Me): readonly Choice[] {
  const say = useText();
  const roster = useQuery({
    queryKey: ['network', 'roster'],
    queryFn: () => read('NetworkService/GetRoster', {}),
    staleTime: 300_000,
  });
  return useMemo(() => {
    const members = (roster.data?.members ?? []).filter(
      ({ node, status }) => node !== me.node && status === 'active',
    );
    const groups = [...new Set(members.flatMap((member) => member.groups))].sort();
    return [
      ...members.map(({ node, name }) => ({ value: node, label: `${node} · ${seen(name).slice(0, 60)}` })),
      ...groups.map((group) => ({ value: group, label: say('compose.group', { group }) })),
    ];
  }, [roster.data, me.node, say]);
}
