/** Which lines two texts share, which went and which came: longest common subsequence over whole lines. Pure. */

export interface DiffLine {
  readonly change: 'same' | 'removed' | 'added';
  readonly text: string;
  /** From 1, in the text before and the text after; undefined where the line is not in it. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** Beyond this many comparisons a changed middle is shown as removed and added whole: a browser must not stand still for it. */
const MOST_CELLS = 4_000_000;

export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail += 1;
  const middle = changesIn(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  const lines: DiffLine[] = [];
  let [at, to] = [0, 0];
  const add = (change: DiffLine['change'], text: string) => {
    if (change !== 'added') at += 1;
    if (change !== 'removed') to += 1;
    lines.push({
      change,
      text,
      before: change === 'added' ? undefined : at,
      after: change === 'removed' ? undefined : to,
    });
  };
  for (const text of old.slice(0, head)) add('same', text);
  for (const [change, text] of middle) add(change, text);
  for (const text of old.slice(old.length - tail)) add('same', text);
  return lines;
}

/** A last line end ends a line and begins none. */
const linesOf = (text: string): readonly string[] =>
  text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);

type Change = readonly [DiffLine['change'], string];

function changesIn(old: readonly string[], now: readonly string[]): readonly Change[] {
  const [rows, columns] = [old.length, now.length];
  if (rows * columns > MOST_CELLS)
    return [...old.map((text) => ['removed', text] as const), ...now.map((text) => ['added', text] as const)];
  // lengths[row][column]: common lines of what is left of both from there on.
  const width = columns + 1;
  const lengths = new Uint32Array((rows + 1) * width);
  const length = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = rows - 1; row >= 0; row -= 1)
    for (let column = columns - 1; column >= 0; column -= 1)
      lengths[row * width + column] =
        old[row] === now[column]
          ? length(row + 1, column + 1) + 1
          : Math.max(length(row + 1, column), length(row, column + 1));
  const changes: Change[] = [];
  let [row, column] = [0, 0];
  while (row < rows || column < columns) {
    const [from, to] = [old[row], now[column]];
    if (row < rows && column < columns && from === to) {
      changes.push(['same', from ?? '']);
      row += 1;
      column += 1;
    } else if (row < rows && (column >= columns || length(row + 1, column) >= length(row, column + 1))) {
      changes.push(['removed', from ?? '']);
      row += 1;
    } else {
      changes.push(['added', to ?? '']);
      column += 1;
    }
  }
  return changes;
}

/** Lines with so many unchanged ones around each change; undefined where some are left out. */
export function withContext(lines: readonly DiffLine[], context = 3): readonly (DiffLine | undefined)[] {
  const kept = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ change }) => change !== 'same'),
  );
  return lines.flatMap((line, index) =>
    kept[index] === true ? [line] : kept[index - 1] === true || index === 0 ? [undefined] : [],
  );
}
