/** Nothing here, and why that is; or not here yet. */
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Lines as high as those that will come, so that nothing jumps. */
export function Waiting({ lines, height = '1.2rem' }: { readonly lines: number; readonly height?: string }) {
  return (
    <div className="stack" aria-busy="true">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they differ in nothing
        <div className="skeleton" key={line} style={{ blockSize: height }} />
      ))}
    </div>
  );
}
