/** The keys in front of the page, drawn from the table that they are looked up in. */
import { Dialog } from '../parts/dialog.tsx';
import { useText } from '../text/index.ts';
import { SHORTCUTS } from './shortcuts.ts';
import { useShortcutsSwitch } from './use-shortcuts.ts';

const WHERE = ['everywhere', 'board', 'record'] as const;

export function KeyboardHelp({
  paths,
  onClose,
}: {
  readonly paths: readonly string[];
  readonly onClose: () => void;
}) {
  const say = useText();
  const [on, setOn] = useShortcutsSwitch();
  const usable = SHORTCUTS.filter(({ does }) => does.kind !== 'go' || paths.includes(does.path));
  return (
    <Dialog title={say('shortcuts.title')} onClose={onClose} wide>
      <label className="row">
        <input type="checkbox" checked={on} onChange={(event) => setOn(event.target.checked)} />
        {say('shortcuts.on')}
      </label>
      <p className="soft small">{say('shortcuts.hint')}</p>
      <div className="shortcuts">
        {WHERE.map((where) => (
          <section key={where}>
            <h3>{say(`shortcuts.${where}`)}</h3>
            <dl>
              {usable
                .filter((one) => one.where === where)
                .map(({ keys, name }) => (
                  <div key={name}>
                    <dt dir="ltr">
                      {keys.map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{say(`shortcut.${name}`)}</dd>
                  </div>
                ))}
              {where === 'board' && (
                <div>
                  <dt dir="ltr">
                    <kbd>Enter</kbd>
                  </dt>
                  <dd>{say('shortcuts.open')}</dd>
                </div>
              )}
            </dl>
          </section>
        ))}
      </div>
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          {say('action.done')}
        </button>
      </div>
    </Dialog>
  );
}
