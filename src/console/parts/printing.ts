/** Whether the page is being printed, or saved as a PDF: what is folded or cut short on the screen stands on paper in full. */
import { useSyncExternalStore } from 'react';

let isPrinting = false;

export function usePrinting(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const before = () => {
        isPrinting = true;
        listener();
      };
      const after = () => {
        isPrinting = false;
        listener();
      };
      addEventListener('beforeprint', before);
      addEventListener('afterprint', after);
      return () => {
        removeEventListener('beforeprint', before);
        removeEventListener('afterprint', after);
      };
    },
    () => isPrinting,
  );
}
