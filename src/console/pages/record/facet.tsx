/** A facet in a form that one reads: lists of things as tables, single facts as facts, whatever its kind. */
import type { Wire } from '../../../desk/http/contract.ts';
import { hexOf } from '../../api/digest.ts';
import { fileAnchor } from '../../parts/file-facts.tsx';
import { Foreign, ForeignText } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { TableFrame } from '../../parts/table-frame.tsx';
import { localeOf, useDay, useInstant, useNumber } from '../../parts/time.tsx';
import { sayOr, type TextKey, useLanguage, useText, wantRecordTexts } from '../../text/index.ts';
import { fieldText, isInstant, valueText } from './field-text.ts';

void wantRecordTexts();

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmpty = (value: Json): boolean =>
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.values(value).every(isEmpty));

/** Columns beyond which a table is a list of cards. */
const MOST_COLUMNS = 9;
const LONG_TEXT = 120;

export function FacetCard({ facet }: { readonly facet: Wire.ShownFacet }) {
  const say = useText();
  const value = parse(facet.json);
  const openUntil = Number(facet.openUntil);
  return (
    <section className="card facet" aria-label={sayOr(`facet.${facet.facet}`, facet.facet)}>
      <h2 className="row spread">
        {sayOr(`facet.${facet.facet}`, facet.facet)}
        <span className="row">
          {openUntil > 0 && (
            <span className="chip warn">
              <Icon name="eye" />
              {say('facet.opened')}
            </span>
          )}
          {facet.facetClass !== '' && (
            <span className="chip">{say(`class.${facet.facetClass}` as TextKey)}</span>
          )}
        </span>
      </h2>
      {isEmpty(value) ? <p className="soft">{say('facet.empty')}</p> : <Value value={value} />}
    </section>
  );
}

function parse(json: string): Json {
  try {
    return JSON.parse(json) as Json;
  } catch {
    return json;
  }
}

function Value({ value, name = '' }: { readonly value: Json; readonly name?: string }) {
  if (Array.isArray(value)) return <List items={value} name={name} />;
  if (isObject(value)) return <Facts value={value} />;
  return <Scalar value={value} name={name} />;
}

function Facts({ value }: { readonly value: JsonObject }) {
  const filled = Object.entries(value).filter(([, inner]) => !isEmpty(inner));
  if (isPlace(value)) return <Place value={value} />;
  if (isPartialDate(value)) return <PartialDate value={value} />;
  return (
    <dl className="facts">
      {filled.map(([name, inner]) => (
        <div key={name} className={isWide(inner) ? 'fact wide' : 'fact'}>
          <dt>{fieldText(name)}</dt>
          <dd>
            <Value value={inner} name={name} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What does not fit beside its name. */
const isWide = (value: Json): boolean =>
  Array.isArray(value)
    ? value.some(isObject)
    : isObject(value)
      ? !isPlace(value) && !isPartialDate(value)
      : typeof value === 'string' && value.length > LONG_TEXT;

function List({ items, name }: { readonly items: readonly Json[]; readonly name: string }) {
  const objects = items.filter(isObject);
  if (objects.length !== items.length)
    return (
      <ul className="values">
        {items.map((item, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: values may repeat
          <li key={at}>
            <Value value={item} name={name} />
          </li>
        ))}
      </ul>
    );
  const columns = [
    ...new Set(objects.flatMap((one) => Object.keys(one).filter((key) => !isEmpty(one[key] ?? null)))),
  ];
  const isTable =
    columns.length <= MOST_COLUMNS &&
    objects.every((one) => columns.every((key) => !isWide(one[key] ?? null)));
  if (!isTable)
    return (
      <ol className="stack">
        {objects.map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries have no key of their own
          <li key={at} className="card nested">
            <Facts value={one} />
          </li>
        ))}
      </ol>
    );
  return (
    <TableFrame label={fieldText(name)}>
      <table className="table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {fieldText(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {objects.map((one, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no key of their own
            <tr key={at}>
              {columns.map((column) => (
                <td key={column}>
                  {isEmpty(one[column] ?? null) ? '' : <Value value={one[column] ?? null} name={column} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

const DATE_KEYS = ['year', 'month', 'day', 'approximate'];
const isPartialDate = (value: JsonObject): boolean =>
  typeof value.year === 'number' && Object.keys(value).every((key) => DATE_KEYS.includes(key));

/** As far as it is known: a year, a month of it, or a day. */
function PartialDate({ value }: { readonly value: JsonObject }) {
  const say = useText();
  const language = useLanguage();
  const [year, month, day] = [Number(value.year), Number(value.month ?? 0), Number(value.day ?? 0)];
  const parts: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    ...(month > 0 ? { month: 'long' } : {}),
    ...(day > 0 ? { day: 'numeric' } : {}),
    timeZone: 'UTC',
  };
  const text = new Intl.DateTimeFormat(localeOf(language), parts).format(
    Date.UTC(year, Math.max(0, month - 1), Math.max(1, day)),
  );
  return value.approximate === true ? say('date.about', { date: text }) : text;
}

const isPlace = (value: JsonObject): boolean => isObject(value.point ?? null) || 'unlocode' in value;

function Place({ value }: { readonly value: JsonObject }) {
  const point = value.point;
  const parts = ['name', 'subdivision', 'country', 'unlocode'].flatMap((key) => {
    const part = value[key];
    return typeof part === 'string' && part !== '' ? [part] : [];
  });
  const at = isObject(point ?? null) ? (point as JsonObject) : undefined;
  return (
    <span>
      <Foreign text={[...new Set(parts)].join(', ')} />
      {at && (
        <span className="soft small" dir="ltr">
          {' '}
          {Number(at.latitude).toFixed(3)}, {Number(at.longitude).toFixed(3)}
        </span>
      )}
    </span>
  );
}

/** 32 bytes in base64. */
const DIGEST = /^[A-Za-z0-9+/]{43}=$/;

function Scalar({ value, name }: { readonly value: Json; readonly name: string }) {
  const say = useText();
  const instant = useInstant();
  const day = useDay();
  const number = useNumber();
  if (typeof value === 'boolean') return say(value ? 'yes' : 'no');
  if (typeof value === 'number') return /year|hs|code/i.test(name) ? String(value) : number(value);
  const text = String(value);
  if (isInstant(name, text)) {
    const ms = Number(text);
    return <time dateTime={new Date(ms).toISOString()}>{ms % 86_400_000 === 0 ? day(ms) : instant(ms)}</time>;
  }
  const known = valueText(text);
  if (known !== undefined) return known;
  if (name === 'photos' && DIGEST.test(text)) {
    const sha256 = hexOf(text);
    return (
      <a href={`#${fileAnchor(sha256)}`}>
        <code dir="ltr">{sha256.slice(0, 8)}…</code>
      </a>
    );
  }
  return text.length > LONG_TEXT || text.includes('\n') ? (
    <ForeignText text={text} />
  ) : (
    <Foreign text={text} />
  );
}
