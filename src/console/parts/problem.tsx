/** What went wrong, in the language of the page where its code is known, with every fault and what to do next. */
import { Refusal } from '../api/client.ts';
import { sayOr, useText } from '../text/index.ts';
import { Icon } from './icons.tsx';

export const problemText = (error: unknown): string => {
  if (!(error instanceof Refusal)) return String(error);
  return sayOr(`problem.${error.code}`, error.message);
};

export function ProblemNotice({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const say = useText();
  const refusal = error instanceof Refusal ? error : undefined;
  const offline = refusal?.code === 'OFFLINE';
  return (
    <div className={`notice ${offline ? 'warn' : 'bad'}`} role="alert">
      <Icon name={offline ? 'offline' : 'alert'} />
      <div className="stack">
        <p>{problemText(error)}</p>
        {refusal?.problem && refusal.problem.faults.length > 0 && (
          <ul>
            {refusal.problem.faults.map((fault) => (
              <li key={`${fault.path} ${fault.code}`}>
                <code>{fault.path}</code> {sayOr(`fault.${fault.code}`, fault.message)}
              </li>
            ))}
          </ul>
        )}
        {refusal?.problem?.correlationId !== undefined && (
          <p className="small">
            {say('problem.number')} <code>{refusal.problem.correlationId}</code>
          </p>
        )}
        {retry && (
          <div>
            <button type="button" className="button" onClick={retry}>
              <Icon name="refresh" />
              {say('action.retry')}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}
