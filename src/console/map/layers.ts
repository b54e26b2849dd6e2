/** What the map is drawn of, layer by layer: each is made anew only when what it shows has changed. */
import { type GeoPermissibleObjects, type GeoProjection, geoPath } from 'd3-geo';
import type { MapPoint } from './position.ts';

export interface PlacedPoint {
  readonly point: MapPoint;
  /** Pixels of the page. */
  readonly x: number;
  readonly y: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Colours, as a canvas takes them. */
interface Ink {
  readonly land: string;
  readonly coast: string;
  readonly border: string;
  readonly bad: string;
  readonly accent: string;
  readonly ink: string;
}

export function inkOf(root: Element): Ink {
  const style = getComputedStyle(root);
  return {
    land: resolved(style, '--raised'),
    coast: resolved(style, '--line-strong'),
    border: resolved(style, '--line'),
    bad: resolved(style, '--bad'),
    accent: resolved(style, '--accent'),
    ink: resolved(style, '--ink'),
  };
}

/** Empties a canvas and gives it the size in pixels of the screen. */
export function resize(canvas: HTMLCanvasElement, { width, height }: Size): void {
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
}

function layer(size: Size): [HTMLCanvasElement, CanvasRenderingContext2D | null] {
  const canvas = document.createElement('canvas');
  resize(canvas, size);
  return [canvas, canvas.getContext('2d')];
}

interface Shapes {
  readonly land: GeoPermissibleObjects;
  readonly borders: GeoPermissibleObjects;
}

export function drawLand(size: Size, ink: Ink, projection: GeoProjection, shapes: Shapes | undefined) {
  const [canvas, context] = layer(size);
  if (context === null || shapes === undefined) return canvas;
  context.scale(devicePixelRatio, devicePixelRatio);
  const path = geoPath(projection, context);
  context.beginPath();
  path(shapes.land);
  context.fillStyle = ink.land;
  context.fill();
  context.strokeStyle = ink.coast;
  context.lineWidth = 0.6;
  context.stroke();
  context.beginPath();
  path(shapes.borders);
  context.strokeStyle = ink.border;
  context.stroke();
  return canvas;
}

/** Of points that would cover each other one is drawn. */
export function drawPoints(size: Size, ink: Ink, land: HTMLCanvasElement, placed: readonly PlacedPoint[]) {
  const [canvas, context] = layer(size);
  if (context === null) return canvas;
  context.drawImage(land, 0, 0);
  context.scale(devicePixelRatio, devicePixelRatio);
  context.globalAlpha = 0.8;
  const drawn = new Set<string>();
  for (const { point, x, y } of placed) {
    const spot = `${Math.round(x)} ${Math.round(y)} ${point.urgent}`;
    if (drawn.has(spot)) continue;
    drawn.add(spot);
    context.beginPath();
    // Urgent ones differ in form too.
    if (point.urgent) {
      context.moveTo(x, y - 6);
      context.lineTo(x + 5.5, y + 4);
      context.lineTo(x - 5.5, y + 4);
      context.closePath();
    } else context.arc(x, y, 4, 0, 2 * Math.PI);
    context.fillStyle = point.urgent ? ink.bad : ink.accent;
    context.fill();
  }
  return canvas;
}

/** The area and its corners. */
export function drawOutline(
  context: CanvasRenderingContext2D,
  corners: readonly ([number, number] | null)[],
  colour: string,
): void {
  context.beginPath();
  for (const corner of corners) if (corner) context.lineTo(corner[0], corner[1]);
  context.closePath();
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 2;
  context.stroke();
  context.globalAlpha = 0.15;
  context.fill();
  context.globalAlpha = 1;
  for (const corner of corners) if (corner) context.fillRect(corner[0] - 3, corner[1] - 3, 6, 6);
}

/** A colour variable as a canvas takes it: `light-dark()` resolved by the browser itself. */
function resolved(style: CSSStyleDeclaration, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = style.getPropertyValue(name);
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
