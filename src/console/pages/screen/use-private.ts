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

/** Whether there is a page of what is asked in private: for who may ask, and for auditors of a node that takes part. */
export function useHasPrivate(isOfDesk: boolean): boolean {
  const partners = usePrivatePartners();
  const asked = useQuery({
    queryKey: [...PRIVATE_KEY, 'any'],
    queryFn: () => call('ScreeningService/ListPrivateScreenings', { pageSize: 1 }),
    enabled: !isOfDesk,
    retry: false,
  });
  return isOfDesk ? partners.length > 0 : asked.isSuccess;
}
