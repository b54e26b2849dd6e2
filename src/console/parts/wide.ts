/** Whether the window is at least so many rem wide; draws again where that changes. */
import { useSyncExternalStore } from 'react';

export function useWide(rem: number): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(`(min-width: ${rem}rem)`);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => matchMedia(`(min-width: ${rem}rem)`).matches,
  );
}
