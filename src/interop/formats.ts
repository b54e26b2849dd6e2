/** Every form of list that can be imported, by the name that desks and commands use. */
import type { Clock } from '../base/clock.ts';
import { CSV_LIST } from './csv-list.ts';
import { EU_LIST } from './eu-list.ts';
import { OPEN_SANCTIONS } from './ftm-list.ts';
import {
  importList,
  type ListFormat,
  type ListImport,
  type ListImporter,
  type ListImportResult,
} from './list.ts';
import { OFAC_ADVANCED } from './ofac-advanced.ts';
import { OFAC_SDN } from './ofac-csv.ts';
import { UN_LIST } from './un-list.ts';

export const LIST_FORMATS = {
  'un-list': UN_LIST,
  'ofac-sdn': OFAC_SDN,
  'ofac-advanced': OFAC_ADVANCED,
  'eu-list': EU_LIST,
  opensanctions: OPEN_SANCTIONS,
  csv: CSV_LIST,
} as const satisfies Readonly<Record<string, ListFormat>>;

export type ListFormatName = keyof typeof LIST_FORMATS;

/** An importer of each form. */
export const listImporters = (deps: {
  readonly lifecycle: ListImporter;
  readonly clock: Clock;
}): ReadonlyMap<string, (request: ListImport) => Promise<ListImportResult>> =>
  new Map(
    Object.entries(LIST_FORMATS).map(([name, format]) => [
      name,
      (request) => importList(deps, format, request),
    ]),
  );
