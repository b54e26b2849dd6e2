/** Curves as SVG: what is found, in per cent, over what it costs, on a logarithmic axis; in the style of `plot.ts`. */
import { STYLE, xml } from './plot.ts';

export interface CurvePoint {
  /** Above 0. */
  readonly cost: number;
  /** 0 to 100. */
  readonly found: number;
  /** Written beside the point; absent = nothing. */
  readonly text?: string;
}

export interface Curve {
  readonly name: string;
  readonly points: readonly CurvePoint[];
}

export interface CurvePlot {
  readonly title: string;
  /** For whoever does not see the picture. */
  readonly description: string;
  readonly axis: string;
  /** An upright line, and what it says. */
  readonly bound: { readonly cost: number; readonly text: string };
  readonly curves: readonly Curve[];
}

const [WIDTH, HEIGHT] = [880, 420];
const [LEFT, RIGHT, TOP, BOTTOM] = [60, 720, 50, 350];
const RADIUS = 4;
/** Marks tell curves apart without colours. */
const MARKS = [
  (x: number, y: number) => `<circle class="plain" cx="${xy(x)}" cy="${xy(y)}" r="${RADIUS}"/>`,
  (x: number, y: number) =>
    `<rect class="met" x="${xy(x - RADIUS)}" y="${xy(y - RADIUS)}" width="${2 * RADIUS}" height="${2 * RADIUS}"/>`,
  (x: number, y: number) =>
    `<path class="missed" d="M${xy(x - 5)} ${xy(y)}L${xy(x)} ${xy(y - 5)}L${xy(x + 5)} ${xy(y)}L${xy(x)} ${xy(y + 5)}Z"/>`,
] as const;

const xy = (value: number): string => String(Math.round(value * 10) / 10);

const upright = (at: number): number => BOTTOM - (at / 100) * (BOTTOM - TOP);

/** The picture; throws where there is nothing to show, or more curves than marks. */
export function curvesOf({ title, description, axis, bound, curves }: CurvePlot): string {
  const costs = [bound.cost, ...curves.flatMap(({ points }) => points.map(({ cost }) => cost))];
  if (costs.length === 1 || curves.length > MARKS.length)
    throw new Error(`expected 1 to ${MARKS.length} curves with points in '${title}', got ${curves.length}`);
  const [from, to] = [
    Math.floor(Math.log10(Math.min(...costs))),
    Math.ceil(Math.log10(Math.max(...costs)) + 1e-9),
  ];
  const across = (cost: number): number => LEFT + ((Math.log10(cost) - from) / (to - from)) * (RIGHT - LEFT);
  const ticks = Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at)).map((cost) => {
    const x = xy(across(cost));
    return `<path class="rule" d="M${x} ${TOP}V${BOTTOM}"/><text class="tick" x="${x}" y="${BOTTOM + 18}">${cost.toLocaleString('en', { maximumFractionDigits: 6 })}</text>`;
  });
  const levels = [0, 20, 40, 60, 80, 100].map((level) => {
    const y = xy(upright(level));
    return `<path class="rule" d="M${LEFT} ${y}H${RIGHT}"/><text class="label" x="${LEFT - 8}" y="${Number(y) + 4}">${level}</text>`;
  });
  const lines = curves.map(({ name, points }, index) => {
    const sorted = [...points].sort((a, b) => a.cost - b.cost);
    const places = sorted.map(({ cost, found }) => [across(cost), upright(found)] as const);
    const path = places.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${xy(x)} ${xy(y)}`).join('');
    const marks = places.map(([x, y]) => MARKS[index]?.(x, y) ?? '');
    const texts = sorted.flatMap(({ text }, at) => {
      const [x, y] = places[at] ?? [0, 0];
      return text === undefined
        ? []
        : [`<text class="tick" x="${xy(x)}" y="${xy(y + 18)}">${xml(text)}</text>`];
    });
    const [endX, endY] = places.at(-1) ?? [RIGHT, BOTTOM];
    return `<path class="spread" fill="none" d="${path}"/>${marks.join('')}${texts.join('')}<text x="${xy(endX + 10)}" y="${xy(endY + 4)}">${xml(name)}</text>`;
  });
  const boundX = xy(across(bound.cost));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title description">
<title id="title">${xml(title)}</title>
<desc id="description">${xml(description)}</desc>
<style>${STYLE}</style>
<rect class="ground" width="100%" height="100%" rx="8"/>
<text class="title" x="16" y="28">${xml(title)}</text>
${ticks.join('\n')}
${levels.join('\n')}
<path class="reference" d="M${boundX} ${TOP}V${BOTTOM}"/><text class="tick" x="${boundX}" y="${TOP - 6}">${xml(bound.text)}</text>
${lines.join('\n')}
<text class="axis" x="${(LEFT + RIGHT) / 2}" y="${BOTTOM + 42}">${xml(axis)}</text>
</svg>
`;
}
