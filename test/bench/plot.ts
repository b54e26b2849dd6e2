/**
 * Plots as SVG: one dot a line with the spread of its rounds, on a logarithmic axis. No script and no font from elsewhere;
 * colours follow the reader's light or dark setting, and shapes say the same as colours.
 */

export interface PlotLine {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Written at the end of the line. */
  readonly text: string;
  /** Where the target lies, if there is one. */
  readonly target?: number;
  /** Of lines with a target. */
  readonly met?: boolean;
}

export interface Plot {
  readonly title: string;
  /** For whoever does not see the picture. */
  readonly description: string;
  readonly axis: string;
  /** A vertical line through all. */
  readonly reference: number;
  readonly groups: readonly { readonly name: string; readonly lines: readonly PlotLine[] }[];
}

const WIDTH = 880;
const [LEFT, RIGHT] = [400, 690];
const LINE = 19;
const GROUP = 26;
const TOP = 44;
const BOTTOM = 46;
const RADIUS = 4;

/** Text as XML's character data and attribute values have it; what XML cannot hold is replaced. */
export const xml = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** Coordinates with one decimal: nobody sees more, and files of two runs stay comparable. */
const xy = (value: number): string => String(Math.round(value * 10) / 10);

interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** From a whole step below everything to one above it; steps are decades, and 1-2-5 where few decades are shown. */
function axisOf(values: readonly number[]): Axis {
  const shown = values.filter((value) => Number.isFinite(value) && value > 0);
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const steps = Math.log10(most / least) > 2 ? [1] : [1, 2, 5];
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(least)) - 1; power <= Math.ceil(Math.log10(most)) + 1; power += 1)
    for (const step of steps) all.push(Number((step * 10 ** power).toPrecision(1)));
  const first = all.findLastIndex((tick) => tick <= least);
  const last = all.findIndex((tick) => tick >= most);
  const ticks = all.slice(first, Math.max(last, first + 1) + 1);
  const [from, to] = [Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10)];
  const at = (value: number): number => {
    const share = (Math.log10(value) - from) / (to - from);
    return LEFT + Math.min(1, Math.max(0, share)) * (RIGHT - LEFT);
  };
  return { ticks, at };
}

/** Filled circle: met, or no target. Hollow diamond: missed. */
function markOf(x: number, y: number, met: boolean | undefined): string {
  if (met !== false)
    return `<circle class="${met ? 'met' : 'plain'}" cx="${xy(x)}" cy="${xy(y)}" r="${RADIUS}"/>`;
  const r = RADIUS + 1;
  const corners = `M${xy(x - r)} ${xy(y)}L${xy(x)} ${xy(y - r)}L${xy(x + r)} ${xy(y)}L${xy(x)} ${xy(y + r)}Z`;
  return `<path class="missed" d="${corners}"/>`;
}

function drawLine(line: PlotLine, y: number, axis: Axis): string {
  const x = axis.at(line.value);
  const target = line.target === undefined ? undefined : xy(axis.at(line.target));
  const parts = [
    `<text class="label" x="${LEFT - 12}" y="${y + 4}">${xml(line.label)}</text>`,
    `<path class="spread" d="M${xy(axis.at(line.low))} ${y}H${xy(axis.at(line.high))}"/>`,
    ...(target === undefined ? [] : [`<path class="target" d="M${target} ${y - 7}V${y + 7}"/>`]),
    markOf(x, y, line.met),
    `<text x="${RIGHT + 12}" y="${y + 4}">${xml(line.text)}</text>`,
  ];
  return parts.join('');
}

interface Palette {
  readonly ground: string;
  readonly text: string;
  readonly faint: string;
  readonly rule: string;
  readonly met: string;
  readonly missed: string;
  readonly plain: string;
}

const LIGHT: Palette = {
  ground: '#ffffff',
  text: '#1f2328',
  faint: '#656d76',
  rule: '#d8dee4',
  met: '#1a7f37',
  missed: '#bc4c00',
  plain: '#0969da',
};
const DARK: Palette = {
  ground: '#0d1117',
  text: '#e6edf3',
  faint: '#9198a1',
  rule: '#30363d',
  met: '#3fb950',
  missed: '#f0883e',
  plain: '#58a6ff',
};

/** Written out for each palette: viewers that know no custom properties show the light one. */
const colours = ({ ground, text, faint, rule, met, missed, plain }: Palette): string =>
  [
    `.ground { fill: ${ground} }`,
    `text { fill: ${text} }`,
    `.tick, .axis { fill: ${faint} }`,
    `.rule { stroke: ${rule} }`,
    `.reference, .spread { stroke: ${faint} }`,
    `.target { stroke: ${text} }`,
    `.met { fill: ${met} }`,
    `.plain { fill: ${plain} }`,
    `.missed { fill: ${ground}; stroke: ${missed} }`,
  ].join(' ');

export const STYLE = `
text { font: 12px system-ui, sans-serif }
.title { font-size: 15px; font-weight: 600 } .group { font-weight: 600 }
.label { text-anchor: end } .tick, .axis { text-anchor: middle }
.reference { stroke-dasharray: 3 3 } .spread { stroke-width: 2; stroke-opacity: .55 }
.target, .missed { stroke-width: 2 }
${colours(LIGHT)}
@media (prefers-color-scheme: dark) { ${colours(DARK)} }
`;

/** The picture; throws where there is nothing to show. */
export function svgOf({ title, description, axis: axisText, reference, groups }: Plot): string {
  const all = groups.flatMap(({ lines }) => lines);
  if (all.length === 0) throw new Error(`expected lines to plot in '${title}', got none`);
  const axis = axisOf([
    reference,
    ...all.flatMap(({ value, low, high, target = value }) => [value, low, high, target]),
  ]);
  const body: string[] = [];
  let y = TOP;
  for (const { name, lines } of groups) {
    y += GROUP;
    if (name !== '') body.push(`<text class="group" x="16" y="${y - 3}">${xml(name)}</text>`);
    else y -= GROUP - 6;
    for (const line of lines) {
      y += LINE;
      body.push(drawLine(line, y - LINE / 2, axis));
    }
  }
  const end = y + 8;
  const rules = axis.ticks.map((tick) => {
    const x = xy(axis.at(tick));
    return `<path class="rule" d="M${x} ${TOP}V${end}"/><text class="tick" x="${x}" y="${end + 16}">${tick.toLocaleString('en', { maximumFractionDigits: 6 })}</text>`;
  });
  const at = xy(axis.at(reference));
  const height = end + BOTTOM;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title description">
<title id="title">${xml(title)}</title>
<desc id="description">${xml(description)}</desc>
<style>${STYLE}</style>
<rect class="ground" width="100%" height="100%" rx="8"/>
<text class="title" x="16" y="28">${xml(title)}</text>
${rules.join('\n')}
<path class="reference" d="M${at} ${TOP}V${end}"/>
${body.join('\n')}
<text class="axis" x="${(LEFT + RIGHT) / 2}" y="${end + 35}">${xml(axisText)}</text>
</svg>
`;
}
