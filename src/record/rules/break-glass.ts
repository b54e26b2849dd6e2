/** Rules of `break-glass`: facets opened in an emergency, read under it, and the originator's review (R17). */
import { BreakGlass, BreakGlassStage } from '../../gen/tocsin/record/v1/break_glass.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import { isForbiddenName } from '../never.ts';
import {
  checkDigest,
  checkFacetNames,
  checkInstant,
  expectChoice,
  expectFacet,
  expectSome,
} from './basics.ts';

/** The longest that facets stay open. */
export const BREAK_GLASS_LASTS_MS = 4 * 3_600_000;
/** Classes of facets that may be opened: up to operational (R17). */
export const BREAK_GLASS_CLASSES: ReadonlySet<string> = new Set(['S', 'M', 'O']);
const REASON_LENGTH = 2_000;
const OFFICER_LENGTH = 200;

export function breakGlassRules(view: ContentView): void {
  const said = view.facet('break-glass', BreakGlass);
  expectFacet(view, 'break-glass', said !== undefined);
  if (said === undefined) return;
  const path = 'facets.break-glass';
  expectChoice(view, `${path}.stage`, said.stage);
  checkDigest(view, `${path}.record`, said.record);
  checkDigest(view, `${path}.certificate`, said.certificate);
  expectChoice(view, `${path}.deskGroup`, said.deskGroup);
  expectSome(view, `${path}.officer`, said.officer);
  checkInstant(view, `${path}.at`, said.at, { required: true, past: true });
  for (const [name, text, most] of [
    ['officer', said.officer, OFFICER_LENGTH],
    ['reason', said.reason, REASON_LENGTH],
  ] as const)
    if (text.length > most)
      view.fault(`${path}.${name}`, 'TOO_LONG', `expected at most ${most} characters, got ${text.length}`);
  for (const list of ['facets', 'asked'] as const) {
    checkFacetNames(view, `${path}.${list}`, said[list]);
    said[list].forEach((name, index) => {
      if (isForbiddenName(name))
        view.fault(`${path}.${list}[${index}]`, 'R17', 'expected no facet that never leaves its node (R17)');
    });
  }
  if (said.stage === BreakGlassStage.BREAK_GLASS_STAGE_OPENED) checkOpening(view, path, said);
  else checkDigest(view, `${path}.opening`, said.opening);
  if (said.stage === BreakGlassStage.BREAK_GLASS_STAGE_READ) expectSome(view, `${path}.facets`, said.facets);
  if (said.stage === BreakGlassStage.BREAK_GLASS_STAGE_REVIEWED)
    expectChoice(view, `${path}.verdict`, said.verdict);
}

function checkOpening(view: ContentView, path: string, said: BreakGlass): void {
  if (said.opening.length > 0)
    view.fault(`${path}.opening`, 'CONTRADICTION', 'expected none: this record is the opening');
  expectSome(view, `${path}.reason`, said.reason.trim());
  expectSome(view, `${path}.facets`, [...said.facets, ...said.asked]);
  checkInstant(view, `${path}.until`, said.until, { required: true });
  if (said.until <= said.at || said.until > said.at + BigInt(BREAK_GLASS_LASTS_MS))
    view.fault(`${path}.until`, 'OUT_OF_RANGE', 'expected an end within four hours of the opening (R17)');
}

export function breakGlassTitle(facet: FacetReader): string | undefined {
  const said = facet('break-glass', BreakGlass);
  switch (said?.stage) {
    case BreakGlassStage.BREAK_GLASS_STAGE_OPENED:
      return `Break-glass: ${[...said.facets, ...said.asked].join(', ')}`;
    case BreakGlassStage.BREAK_GLASS_STAGE_READ:
      return `Read by break-glass: ${said.facets.join(', ')}`;
    case BreakGlassStage.BREAK_GLASS_STAGE_REVIEWED:
      return 'Review of a break-glass';
    default:
      return undefined;
  }
}
