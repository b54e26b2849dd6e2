/** Where a warning holds: regions by their codes, an area drawn on the map, or its corners typed, a line each. */
import { useMemo, useState } from 'react';
import { getAt, isObject } from '../../compose/content.ts';
import type { MapPosition } from '../../map/position.ts';
import { WorldMap } from '../../map/world-map.tsx';
import { Field } from '../../parts/field.tsx';
import { useText } from '../../text/index.ts';
import { fieldText } from '../record/field-text.ts';
import { Noted } from './controls.tsx';
import { closedOutline, coarse, readPoints, textAt } from './report-content.ts';
import type { WarningPart } from './warning-form.tsx';

const AREA = ['summary', 'areas', 0] as const;
const NOTHING = () => undefined;
const lineOf = ({ latitude, longitude }: MapPosition): string => `${latitude}, ${longitude}`;

export function WarningAreas({ content, change, notes, tried }: WarningPart) {
  const say = useText();
  const regions = getAt(content.facets, [...AREA, 'subdivisions']);
  const codes = Array.isArray(regions) ? regions.map(String) : [];
  const [typed, setTyped] = useState(codes.join(' '));
  const [corners, setCorners] = useState(() => {
    const polygon = getAt(content.facets, [...AREA, 'polygon']);
    const points = Array.isArray(polygon) ? polygon.slice(0, -1) : [];
    return points
      .flatMap((point) =>
        isObject(point)
          ? [lineOf({ latitude: Number(point.latitude ?? 0), longitude: Number(point.longitude ?? 0) })]
          : [],
      )
      .join('\n');
  });
  const { points, faulty } = useMemo(() => readPoints(corners), [corners]);
  const outline = (text: string) => {
    setCorners(text);
    const polygon = closedOutline(readPoints(text).points).map(({ latitude, longitude }) => ({
      latitude,
      longitude,
    }));
    change([...AREA, 'polygon'], polygon.length === 0 ? undefined : polygon);
  };
  const noted = (name: string) => [
    ...(notes.get(`facets.summary.areas[0]${name}`) ?? []),
    ...(name === '.subdivisions'
      ? codes.flatMap((_, at) => notes.get(`facets.summary.areas[0].subdivisions[${at}]`) ?? [])
      : []),
  ];
  return (
    <section className="card stack" aria-labelledby="area-title">
      <h2 id="area-title">{say('hotline.area')}</h2>
      <div className="form-fields">
        <Noted
          label={fieldText('subdivisions')}
          hint={say('hotline.regionsHint')}
          notes={[...noted(''), ...noted('.subdivisions')]}
          tried={tried}
        >
          {(control) => (
            <input
              {...control}
              dir="ltr"
              autoComplete="off"
              value={typed}
              onChange={(event) => {
                setTyped(event.target.value.toUpperCase());
                const next = event.target.value
                  .toUpperCase()
                  .split(/[\s,;]+/)
                  .filter(Boolean);
                change([...AREA, 'subdivisions'], next.length === 0 ? undefined : next);
              }}
            />
          )}
        </Noted>
        <Noted label={say('hotline.areaWords')} notes={noted('.description')} tried={tried}>
          {(control) => (
            <input
              {...control}
              dir="auto"
              value={textAt(content, ...AREA, 'description')}
              onChange={(event) => change([...AREA, 'description'], event.target.value || undefined)}
            />
          )}
        </Noted>
      </div>
      <div className="side-by-side">
        <div className="area-map">
          <WorldMap
            points={[]}
            selected=""
            onSelect={NOTHING}
            onOpen={NOTHING}
            label={say('hotline.map')}
            outline={points}
            onPick={(position) =>
              outline(
                [
                  ...(corners.trim() === '' ? [] : [corners.trim()]),
                  lineOf({ latitude: coarse(position.latitude), longitude: coarse(position.longitude) }),
                ].join('\n'),
              )
            }
          />
        </div>
        <Field
          label={say('hotline.corners')}
          hint={say('hotline.cornersHint')}
          fault={
            faulty.length > 0
              ? say('hotline.cornersFault', { lines: faulty.join(', ') })
              : points.length === 1 || points.length === 2
                ? say('hotline.cornersFew')
                : undefined
          }
        >
          {(control) => (
            <textarea
              {...control}
              className="input mono"
              rows={6}
              dir="ltr"
              value={corners}
              onChange={(event) => outline(event.target.value)}
            />
          )}
        </Field>
      </div>
    </section>
  );
}
