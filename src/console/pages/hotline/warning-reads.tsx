/** A warning as it is read: by the public, and beside it by desks that may read operational details. */
import { useState } from 'react';
import { getAt } from '../../compose/content.ts';
import { ForeignText } from '../../parts/foreign.tsx';
import { Instant } from '../../parts/time.tsx';
import { useText } from '../../text/index.ts';
import { fieldText, valueText } from '../record/field-text.ts';
import { languageName } from './controls.tsx';
import { textAt } from './report-content.ts';
import type { WarningPart } from './warning-form.tsx';

export function WarningReads({ content }: Pick<WarningPart, 'content'>) {
  const say = useText();
  const texts = getAt(content.facets, ['summary', 'texts']);
  const tags = (Array.isArray(texts) ? texts : []).map((_, at) =>
    textAt(content, 'summary', 'texts', at, 'language'),
  );
  const [chosen, setChosen] = useState('');
  const index = Math.max(0, tags.indexOf(chosen));
  const regions = getAt(content.facets, ['summary', 'areas', 0, 'subdivisions']);
  const read = (
    <>
      {['headline', 'description', 'instruction'].map((name) => (
        <div key={name} lang={tags[index]} className={name === 'headline' ? 'headline' : undefined}>
          <ForeignText text={textAt(content, 'summary', 'texts', index, name)} />
        </div>
      ))}
      <p className="soft small">
        <bdi>{Array.isArray(regions) ? regions.join(' ') : ''}</bdi> · {fieldText('expires')}{' '}
        <Instant ms={Date.parse(textAt(content, 'summary', 'expires')) || 0} />
      </p>
    </>
  );
  const official = [
    textAt(content, 'basis', 'comment'),
    textAt(content, 'conveyance', 'vehicles', 0, 'type'),
    valueText(textAt(content, 'items', 'weapons', 0, 'category')) ?? '',
  ].filter((text) => text !== '');
  return (
    <section className="stack" aria-labelledby="reads-title">
      <div className="row spread">
        <h2 id="reads-title">{say('hotline.asRead')}</h2>
        <fieldset className="choice wrap">
          <legend className="visually-hidden">{fieldText('language')}</legend>
          {tags.map((tag, at) => (
            <button
              key={tag}
              type="button"
              lang={tag}
              aria-pressed={at === index}
              onClick={() => setChosen(tag)}
            >
              {languageName(tag)}
            </button>
          ))}
        </fieldset>
      </div>
      <div className="side-by-side reads">
        <section className="card stack" aria-labelledby="reads-public">
          <h3 id="reads-public">{say('hotline.publicReads')}</h3>
          {read}
        </section>
        <section className="card stack" aria-labelledby="reads-official">
          <h3 id="reads-official">{say('hotline.officialsRead')}</h3>
          {read}
          {official.map((text) => (
            <div key={text}>
              <ForeignText text={text} />
            </div>
          ))}
        </section>
      </div>
    </section>
  );
}
