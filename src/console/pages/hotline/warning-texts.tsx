/** What the public reads, in each language, beside what officials read besides. */
import { useState } from 'react';
import { getAt } from '../../compose/content.ts';
import { Icon } from '../../parts/icons.tsx';
import { useText } from '../../text/index.ts';
import { fieldText } from '../record/field-text.ts';
import { CodeSelect, languageName, Noted, SPOKEN } from './controls.tsx';
import { NO_WEAPONS, textAt, vehiclesOf, weaponsOf } from './report-content.ts';
import type { WarningPart } from './warning-form.tsx';

const MOST_HEADLINE = 160;

export function WarningTexts({ content, change, notes, tried }: WarningPart) {
  const say = useText();
  const [adding, setAdding] = useState('');
  const at = getAt(content.facets, ['summary', 'texts']);
  const texts = Array.isArray(at) ? at : [];
  const used = texts.map((_, index) => textAt(content, 'summary', 'texts', index, 'language'));
  return (
    <div className="side-by-side">
      <section className="card stack" aria-labelledby="public-title">
        <h2 id="public-title">{say('hotline.publicText')}</h2>
        <p className="soft small">{say('hotline.publicHint')}</p>
        {used.map((tag, index) => {
          const noted = (name: string) => notes.get(`facets.summary.texts[${index}].${name}`) ?? [];
          const field = (name: string, rows: number) => (
            <Noted label={fieldText(name)} notes={noted(name)} tried={tried}>
              {(control) => (
                <textarea
                  {...control}
                  rows={rows}
                  dir="auto"
                  lang={tag}
                  maxLength={name === 'headline' ? MOST_HEADLINE : undefined}
                  value={textAt(content, 'summary', 'texts', index, name)}
                  onChange={(event) => change(['summary', 'texts', index, name], event.target.value)}
                />
              )}
            </Noted>
          );
          return (
            <fieldset className="group" key={tag}>
              <legend lang={tag}>{languageName(tag)}</legend>
              {field('headline', 2)}
              {field('description', 3)}
              {field('instruction', 3)}
              {used.length > 1 && (
                <button
                  type="button"
                  className="link"
                  onClick={() => change(['summary', 'texts', index], undefined)}
                >
                  {say('hotline.removeLanguage', { language: languageName(tag) })}
                </button>
              )}
            </fieldset>
          );
        })}
        <div className="row">
          <select
            className="input short"
            aria-label={say('hotline.addLanguage')}
            value={adding}
            onChange={(event) => setAdding(event.target.value)}
          >
            <option value="">{say('choose')}</option>
            {SPOKEN.filter((tag) => !used.includes(tag)).map((tag) => (
              <option key={tag} value={tag} lang={tag}>
                {languageName(tag)}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="button"
            disabled={adding === ''}
            onClick={() => {
              change(['summary', 'texts', texts.length], { language: adding, headline: '' });
              setAdding('');
            }}
          >
            <Icon name="plus" />
            {say('hotline.addLanguage')}
          </button>
        </div>
      </section>
      <section className="card stack" aria-labelledby="official-title">
        <h2 id="official-title">{say('hotline.officialText')}</h2>
        <p className="soft small">{say('hotline.officialHint')}</p>
        <Noted
          label={say('hotline.officialWords')}
          notes={notes.get('facets.basis.comment') ?? []}
          tried={tried}
        >
          {(control) => (
            <textarea
              {...control}
              rows={6}
              dir="auto"
              value={textAt(content, 'basis', 'comment')}
              onChange={(event) => change(['basis', 'comment'], event.target.value || undefined)}
            />
          )}
        </Noted>
        <Noted label={say('hotline.vehicle')} notes={[]} tried={tried}>
          {(control) => (
            <input
              {...control}
              dir="auto"
              value={textAt(content, 'conveyance', 'vehicles', 0, 'type')}
              onChange={(event) => change(['conveyance', 'vehicles'], vehiclesOf(event.target.value))}
            />
          )}
        </Noted>
        <CodeSelect
          name="weapons"
          of="WeaponCategory"
          without={NO_WEAPONS}
          value={textAt(content, 'items', 'weapons', 0, 'category')}
          notes={notes.get('facets.items.weapons[0].category')}
          tried={tried}
          onChange={(next) => change(['items', 'weapons'], weaponsOf(next))}
        />
        {textAt(content, 'items', 'weapons', 0, 'category') !== '' && (
          <div className="form-fields">
            <Noted
              label={fieldText('quantity')}
              notes={notes.get('facets.items.weapons[0].quantity') ?? []}
              tried={tried}
            >
              {(control) => (
                <input
                  {...control}
                  inputMode="numeric"
                  dir="ltr"
                  value={String(getAt(content.facets, ['items', 'weapons', 0, 'quantity']) ?? '')}
                  onChange={(event) =>
                    change(
                      ['items', 'weapons', 0, 'quantity'],
                      /^\d{1,7}$/.test(event.target.value) ? Number(event.target.value) : undefined,
                    )
                  }
                />
              )}
            </Noted>
            <CodeSelect
              name="state"
              of="WeaponState"
              value={textAt(content, 'items', 'weapons', 0, 'state')}
              notes={notes.get('facets.items.weapons[0].state')}
              tried={tried}
              onChange={(next) => change(['items', 'weapons', 0, 'state'], next || undefined)}
            />
          </div>
        )}
      </section>
    </div>
  );
}
