/** What a partner has not receipted yet, asked for when it is opened; a record is a link where the officer may read it. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link as To } from 'wouter';
import type { Wire } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { Waiting } from '../../parts/empty.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, msOf } from '../../parts/time.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { recordPath } from '../board/row.tsx';

export function Unreceipted({ link }: { readonly link: Wire.Link }) {
  const say = useText();
  const [isOpen, setOpen] = useState(false);
  const { partner } = link;
  const found = useQuery({
    queryKey: ['network', 'unreceipted', partner],
    queryFn: async () => (await call('NetworkService/ListLinks', { partner })).links[0],
    enabled: isOpen,
  });
  const count = link.lanes.reduce((sum, { open }) => sum + open, 0);
  if (count === 0) return null;
  return (
    <details className="unreceipted" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{say('network.unreceipted', { count })}</summary>
      {found.error && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {isOpen && found.isPending && <Waiting lines={Math.min(count, 5)} height="1.5rem" />}
      <ul>
        {(found.data?.unreceipted ?? []).map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a record may be on its way twice
          <li key={`${one.headerDigest} ${at}`}>
            <To href={recordPath(one.headerDigest)}>{say(`kind.${one.kind}` as TextKey)}</To>{' '}
            <span className="soft small">
              {say(one.seq === '0' ? 'delivery.waiting' : 'delivery.sent')} · <Ago ms={msOf(one.since)} />
            </span>
          </li>
        ))}
        {(found.data?.unreceiptedHidden ?? 0) > 0 && (
          <li className="soft">
            {say('network.unreceiptedHidden', { count: found.data?.unreceiptedHidden ?? 0 })}
          </li>
        )}
      </ul>
    </details>
  );
}
