/**
 * An offline map: coast lines and borders of Natural Earth (public domain), no tiles, nobody is asked for anything. Ten thousand
 * points are drawn on a canvas; the list beside it is its form for who does not see it.
 */
import { geoEquirectangular } from 'd3-geo';
import { useEffect, useMemo, useRef, useState } from 'react';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { Foreign } from '../parts/foreign.tsx';
import { useText } from '../text/index.ts';
import { loadLand } from './land.ts';
import { drawLand, drawOutline, drawPoints, inkOf, type PlacedPoint, resize } from './layers.ts';
import type { MapPoint, MapPosition } from './position.ts';

interface WorldMapProps {
  readonly points: readonly MapPoint[];
  readonly selected: string;
  readonly onSelect: (key: string) => void;
  readonly onOpen: (key: string) => void;
  readonly label: string;
  /** Corners of an area; drawn closed. */
  readonly outline?: readonly MapPosition[];
  /** A place where nothing else is was chosen. */
  readonly onPick?: (position: MapPosition) => void;
}

interface View {
  /** Middle, degrees. */
  readonly longitude: number;
  readonly latitude: number;
  /** 1 = the whole world in the width. */
  readonly scale: number;
}

const WORLD: View = { longitude: 10, latitude: 15, scale: 1 };
const MOST = 40;
const NEAR_PX = 14;

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

const NO_OUTLINE: readonly MapPosition[] = [];

export function WorldMap({
  points,
  selected,
  onSelect,
  onOpen,
  label,
  outline = NO_OUTLINE,
  onPick,
}: WorldMapProps) {
  const say = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState<View>(WORLD);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [hovered, setHovered] = useState<MapPoint>();
  const [topology, setTopology] = useState<Topology>();
  const [theme, setTheme] = useState(0);
  const drag = useRef<{ readonly x: number; readonly y: number; readonly from: View; moved: boolean }>(
    undefined,
  );

  useEffect(() => {
    let left = false;
    void loadLand().then((found) => {
      if (!left) setTopology(found);
    });
    return () => {
      left = true;
    };
  }, []);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    watch.observe(element);
    const again = () => setTheme((count) => count + 1);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', again);
    const attributes = new MutationObserver(again);
    attributes.observe(document.documentElement, { attributes: true });
    return () => {
      watch.disconnect();
      attributes.disconnect();
      scheme.removeEventListener('change', again);
    };
  }, []);

  const projection = useMemo(() => {
    const { width, height } = size;
    return geoEquirectangular()
      .scale((Math.max(width, height * 1.6) / (2 * Math.PI)) * view.scale)
      .rotate([-view.longitude, 0])
      .center([0, view.latitude])
      .translate([width / 2, height / 2]);
  }, [size, view]);
  const shapes = useMemo(() => {
    if (topology === undefined) return undefined;
    const countries = topology.objects.countries as GeometryCollection;
    return { land: feature(topology, countries), borders: mesh(topology, countries, (a, b) => a !== b) };
  }, [topology]);

  const placed = useMemo(
    () =>
      points.flatMap((point): PlacedPoint[] => {
        const at = projection([point.longitude, point.latitude]);
        return at === null ? [] : [{ point, x: at[0], y: at[1] }];
      }),
    [points, projection],
  );
  // Three layers, of which the dearest changes least: land, points on it, what is selected on both.
  const isShown = size.width > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` says that the colours changed
  const ink = useMemo(() => (isShown ? inkOf(document.documentElement) : undefined), [isShown, theme]);
  const land = useMemo(() => ink && drawLand(size, ink, projection, shapes), [size, ink, projection, shapes]);
  const filled = useMemo(() => ink && land && drawPoints(size, ink, land, placed), [size, ink, land, placed]);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || !ink || !filled) return;
    resize(element, size);
    context.drawImage(filled, 0, 0);
    context.scale(devicePixelRatio, devicePixelRatio);
    drawOutline(
      context,
      outline.map(({ latitude, longitude }) => projection([longitude, latitude])),
      ink.bad,
    );
    for (const { x, y } of placed.filter(({ point }) => point.key === selected)) {
      context.beginPath();
      context.arc(x, y, 9, 0, 2 * Math.PI);
      context.strokeStyle = ink.ink;
      context.lineWidth = 2.5;
      context.stroke();
    }
  }, [filled, ink, placed, selected, projection, size, outline]);

  const nearest = (x: number, y: number): MapPoint | undefined => {
    let found: MapPoint | undefined;
    let best = NEAR_PX ** 2;
    for (const { point, x: px, y: py } of placed) {
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < best) [found, best] = [point, distance];
    }
    return found;
  };
  const zoom = (factor: number) =>
    setView((before) => ({ ...before, scale: clamp(before.scale * factor, 1, MOST) }));
  return (
    <div className="world-map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${label} ${say('map.points', { count: points.length })}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.clientX, y: event.clientY, from: view, moved: false };
        }}
        onPointerMove={(event) => {
          const { offsetX, offsetY } = event.nativeEvent;
          const held = drag.current;
          if (held === undefined) {
            const point = nearest(offsetX, offsetY);
            setHovered(point);
            if (point) onSelect(point.key);
            return;
          }
          const degrees = 180 / (Math.PI * projection.scale());
          const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
          if (Math.hypot(dx, dy) > 4) held.moved = true;
          setView({
            ...held.from,
            longitude: held.from.longitude - dx * degrees,
            latitude: clamp(held.from.latitude + dy * degrees, -80, 80),
          });
        }}
        onPointerUp={(event) => {
          const held = drag.current;
          drag.current = undefined;
          if (held?.moved === true) return;
          const { offsetX, offsetY } = event.nativeEvent;
          const point = nearest(offsetX, offsetY);
          if (point) return onOpen(point.key);
          const at = projection.invert?.([offsetX, offsetY]);
          if (at) onPick?.({ latitude: at[1], longitude: at[0] });
        }}
        onPointerLeave={() => setHovered(undefined)}
        onWheel={(event) => zoom(event.deltaY < 0 ? 1.25 : 0.8)}
      />
      {hovered && (
        <div className="tip">
          <Foreign text={hovered.name} most={80} />
        </div>
      )}
      <div className="zoom no-print">
        <button type="button" className="button" aria-label={say('map.in')} onClick={() => zoom(1.6)}>
          +
        </button>
        <button type="button" className="button" aria-label={say('map.out')} onClick={() => zoom(1 / 1.6)}>
          −
        </button>
      </div>
    </div>
  );
}
