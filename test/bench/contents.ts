/** Records as an officer would release them: about 1 KB, four facets filled. */
import { systemRandom } from '../../src/base/clock.ts';
import {
  type AssembledRecord,
  assembleRecord,
  contentFromJson,
  logOrigin,
  MINUTE_MS,
  netToken,
  type RecordContent,
  sha256,
  validateContent,
} from '../../src/record/index.ts';
import { exampleContent } from '../support/contents.ts';

const KIND = 'seizure-notice';
const FILLED = ['summary', 'items', 'identifiers', 'entities'];

/** The example as JSON, with nothing but the four facets. */
function exampleOf(nowMs: number): unknown {
  const example = structuredClone(exampleContent(KIND, nowMs)) as { facets: Record<string, unknown> };
  example.facets = Object.fromEntries(
    Object.entries(example.facets).filter(([name]) => FILLED.includes(name)),
  );
  return example;
}

/** Read and validated anew, as each draft is. */
export function contentOf(json: unknown, nowMs: number): RecordContent {
  const { content, faults } = contentFromJson(json, { deskGroup: 1, nowMs });
  const found = content ? validateContent(content, { mode: 'typed', nowMs }).faults : faults;
  if (!content || found.length > 0) throw new Error(`the example has faults: ${JSON.stringify(found)}`);
  return content;
}

const NETWORK = sha256(new Uint8Array([7]));

export interface Releasing {
  readonly originator: string;
  readonly network?: Uint8Array;
  readonly logOrigin?: string;
  readonly edit?: (content: RecordContent) => RecordContent;
}

/** Makes `count` records from JSON to signed headers and salted facets. */
export function fourFacets(count: number, nowMs: number, of: Releasing): readonly AssembledRecord[] {
  const network = of.network ?? NETWORK;
  const json = exampleOf(nowMs);
  return Array.from({ length: count }, () => {
    const content = contentOf(json, nowMs);
    return assembleRecord({
      network,
      logOrigin: of.logOrigin ?? logOrigin(netToken(network), of.originator, 'live', 1),
      originator: of.originator,
      recordId: systemRandom.bytes(16),
      revision: 1,
      supersedes: undefined,
      content: of.edit?.(content) ?? content,
      released: Math.floor(nowMs / MINUTE_MS) * MINUTE_MS,
      salt: () => systemRandom.bytes(32),
    });
  });
}

/** Contents alone, for a pipeline that signs nothing. */
export function plainContents(count: number, nowMs: number): readonly RecordContent[] {
  const json = exampleOf(nowMs);
  return Array.from({ length: count }, () => contentOf(json, nowMs));
}
