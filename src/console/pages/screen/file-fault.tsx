/** What is wrong with a file, in the language of the page. */
import { Icon } from '../../parts/icons.tsx';
import { sayOr, useText } from '../../text/index.ts';

export function FileFault({ fault }: { readonly fault: unknown }) {
  const say = useText();
  if (fault === undefined) return null;
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  const facts = fault instanceof Error && 'facts' in fault ? (fault.facts as Record<string, unknown>) : {};
  return (
    <div className="notice bad" role="alert">
      <Icon name="alert" />
      <p>
        {sayOr(`screen.batchFault.${code}`, fault instanceof Error ? fault.message : String(fault))}{' '}
        {typeof facts.row === 'number' && say('screen.batchFault.place', { row: facts.row })}
      </p>
    </div>
  );
}
