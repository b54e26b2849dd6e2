/** Whom this node may ask in private, and under which key what was asked is kept in the window's memory. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { useMe } from '../../api/session.ts';

export const PRIVATE_KEY = ['screenings', 'private'];

/** Roles that ask; the node decides. */
const ASKERS = ['officer', 'releaser', 'analyst', 'controller'];

/** Node ids that may be asked; none where the node takes no part, or the officer may not. */
export function usePrivatePartners(): readonly string[] {
  const { data: me } = useMe();
  const status = useQuery({
    queryKey: ['screening', 'status'],
    queryFn: () => call('ScreeningService/GetScreeningStatus', {}),
    retry: false,
  });
  return ASKERS.includes(me?.role ?? '') ? (status.data?.privatePartners ?? []) : [];
}
