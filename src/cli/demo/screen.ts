/** The demo on a terminal: the board redraws itself in place on the alternate screen, which leaves no trace when it closes. */
import type { Board } from './board.ts';
import { screenLines } from './board.ts';

const ESC = '\u001b[';
const OPEN = `${ESC}?1049h${ESC}?25l`;
const CLOSE = `${ESC}?25h${ESC}?1049l`;
/** Terminals that know synchronised output show a whole board at once; others ignore it. */
const [BEGIN, END] = [`${ESC}?2026h`, `${ESC}?2026l`];
const COLOURS: Readonly<Record<string, string>> = { '●': '32', '○': '33', '–': '90', '✓': '32', '─': '90' };

const coloured = (line: string): string =>
  line.replace(/●|○|✓|–|─+/g, (mark) => `${ESC}${COLOURS[mark.charAt(0)] ?? '0'}m${mark}${ESC}0m`);

export interface Screen extends Disposable {
  draw(board: Board): void;
}

export function openScreen(stream: NodeJS.WriteStream, colour: boolean): Screen {
  let last: Board | undefined;
  const paint = () => {
    if (last === undefined) return;
    // A line is overwritten and the rest of it cleared, never the screen: nothing flickers.
    const lines = screenLines(last, { rows: stream.rows ?? 40, columns: stream.columns ?? 120 });
    const text = lines.map((line) => `${colour ? coloured(line) : line}${ESC}K`).join('\r\n');
    stream.write(`${BEGIN}${ESC}H${text}${ESC}J${END}`);
  };
  stream.write(OPEN);
  stream.on('resize', paint);
  return {
    draw(board) {
      last = board;
      paint();
    },
    [Symbol.dispose]() {
      stream.off('resize', paint);
      stream.write(CLOSE);
    },
  };
}
