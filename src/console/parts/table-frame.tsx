/** Around a table that may be wider than the window: scrolled by touch, mouse and keys, and named for who does not see it. */
import type { ReactNode } from 'react';

export function TableFrame({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled has to be reached by keys (WCAG 2.1.1)
    // biome-ignore lint/a11y/useSemanticElements: a section would be a landmark, and a page has many tables
    <div className="table-frame" tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  );
}
