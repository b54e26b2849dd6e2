// Draws the text of a demo run as an SVG terminal: `npm start -- --once | node deploy/picture.js > deploy/demo.svg`.
import { text } from 'node:stream/consumers';

const WIDTH = 8.4;
const HEIGHT = 18;
const PADDING = 18;
const COLOURS = { '●': '#5fd38d', '○': '#f0b860', '–': '#7d8590', '─': '#3d444d' };

const xml = (value) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Runs of one colour, so that a line is a few spans. */
function spans(line) {
  const out = [];
  for (const char of line) {
    const colour = COLOURS[char] ?? '#d1d7e0';
    const last = out.at(-1);
    if (last?.colour === colour) last.value += char;
    else out.push({ colour, value: char });
  }
  return out
    .map(({ colour, value }) =>
      colour === '#d1d7e0' ? xml(value) : `<tspan fill="${colour}">${xml(value)}</tspan>`,
    )
    .join('');
}

const lines = (await text(process.stdin)).trimEnd().split('\n');
const columns = Math.max(...lines.map((line) => [...line].length));
const width = Math.ceil(columns * WIDTH + 2 * PADDING);
const height = Math.ceil(lines.length * HEIGHT + 2 * PADDING);
const body = lines
  .map((line, index) => `<text x="${PADDING}" y="${PADDING + 13 + index * HEIGHT}">${spans(line)}</text>`)
  .join('\n');
process.stdout.write(
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Output of a demo run">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#d1d7e0" xml:space="preserve" style="white-space:pre">
${body}
</g>
</svg>
`,
);
