/** Whom this node may ask in private, and under which key what was asked is kept in the window's memory. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/client.ts';

export const PRIVATE_KEY = ['screenings', 'private'];

/** Node ids that may be asked; none where the node takes no part, or the officer may not, as in an exercise. */
export function usePrivatePartners(): readonly string[] {
  const status = useQuery({
    queryKey: ['screening', 'status'],
    queryFn: () => call('ScreeningService/GetScreeningStatus', {}),
    retry: false,
  });
  return status.data?.privatePartners ?? [];
}
