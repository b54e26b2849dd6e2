/** An instant in the time of this machine, said with its zone; kept as ISO 8601 in UTC. */
import type { Json } from './forms.ts';

interface InstantInputProps {
  readonly id: string;
  readonly className: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
  readonly 'data-path'?: string;
  readonly value: Json | undefined;
  readonly onChange: (next: string | undefined) => void;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** As `datetime-local` takes it. */
function localText(value: Json | undefined): string {
  const ms =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d+$/.test(value)
        ? Number(value)
        : Date.parse(String(value ?? ''));
  if (!Number.isFinite(ms) || value === undefined || value === null || value === '') return '';
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

const zone = (): string =>
  new Intl.DateTimeFormat('en', { timeZoneName: 'shortOffset' })
    .formatToParts(Date.now())
    .find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';

export function InstantInput({ value, onChange, ...control }: InstantInputProps) {
  return (
    <span className="instant">
      <input
        {...control}
        type="datetime-local"
        dir="ltr"
        value={localText(value)}
        onChange={(event) => {
          const at = new Date(event.target.value);
          onChange(Number.isNaN(at.getTime()) ? undefined : at.toISOString().replace('.000Z', 'Z'));
        }}
      />
      <span className="soft small" dir="ltr">
        {zone()}
      </span>
    </span>
  );
}
