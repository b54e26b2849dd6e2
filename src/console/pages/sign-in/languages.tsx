/** Every language in its own name, for whoever cannot read the page yet. */
import { changeLanguage, LANGUAGE_NAMES, LANGUAGES, useLanguage, useText } from '../../text/index.ts';

export function Languages() {
  const say = useText();
  const language = useLanguage();
  return (
    <nav className="languages" aria-label={say('menu.language')}>
      {LANGUAGES.map((one) => (
        <button
          key={one}
          type="button"
          className="link"
          lang={one}
          aria-current={one === language ? 'true' : undefined}
          onClick={() => void changeLanguage(one)}
        >
          {LANGUAGE_NAMES[one]}
        </button>
      ))}
    </nav>
  );
}
