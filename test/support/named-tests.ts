/** Pages that say which test shows what, as `[words of its name](file)` in the rows of a table. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface NamedTest {
  /** First cell of the row. */
  readonly row: string;
  readonly title: string;
  readonly file: string;
}

const FOLDER = join(import.meta.dirname, '..');

export class NamedTests {
  readonly text: string;
  /** First cells of the rows, in order. */
  readonly rows: readonly string[];
  readonly tests: readonly NamedTest[];

  /** Rows of a page in test/ whose first cell has this form. */
  constructor(page: string, first: RegExp) {
    this.text = readFileSync(join(FOLDER, page), 'utf8');
    const rows = this.text
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => ({ line, row: line.slice(2, line.indexOf(' |', 2)) }))
      .filter(({ row }) => first.test(row));
    this.rows = rows.map(({ row }) => row);
    this.tests = rows.flatMap(({ line, row }) =>
      [...line.matchAll(/\[((?:[^\]\\]|\\.)+)\]\(([^)]+)\)/g)].map(([, title = '', file = '']) => ({
        row,
        title,
        file,
      })),
    );
  }

  /** Rows that name no test. */
  get unproven(): readonly string[] {
    return this.rows.filter((row) => !this.tests.some((test) => test.row === row));
  }

  /** Tests that are not, or not any more, in the file that the page names. */
  get gone(): readonly NamedTest[] {
    return this.tests.filter(({ title, file }) => {
      const path = join(FOLDER, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(title);
    });
  }
}
