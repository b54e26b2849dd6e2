/** The facets that every kind but the control kinds has: assessment, source, distribution, attachments, internal. */
import { LIMITS } from '../../base/limits.ts';
import {
  Assessment,
  type Attachment,
  Attachments,
  Distribution,
  type Grading,
  GradingScheme,
  Internal,
  Source,
} from '../../gen/tocsin/record/v1/shared_facets.ts';
import type { ContentView } from '../kind-row.ts';
import { checkDigest, checkInstant, checkNodeId, checkRecordRef, expectChoice } from './basics.ts';

const { attachmentsPerRecord: MAX_ATTACHMENTS, attachmentBytes: MAX_ATTACHMENT_BYTES } = LIMITS;
const FILE_KEY_BYTES = 32;
const MIME = /^[a-z]+\/[a-z0-9][a-z0-9.+-]{0,63}$/;

/** Codes of each scheme: source, information, handling. */
const GRADES: Readonly<Record<number, readonly [RegExp, RegExp, RegExp]>> = {
  [GradingScheme.GRADING_SCHEME_NATO_6X6]: [/^[A-F]$/, /^[1-6]$/, /^$/],
  [GradingScheme.GRADING_SCHEME_EU_4X4]: [/^[ABCX]$/, /^[1-4]$/, /^$/],
  [GradingScheme.GRADING_SCHEME_UK_3X5X2]: [/^[1-3]$/, /^[A-E]$/, /^[PC]$/],
  [GradingScheme.GRADING_SCHEME_NONE]: [/^$/, /^$/, /^$/],
};

export function checkGrading(view: ContentView, path: string, grading: Grading | undefined): void {
  if (grading === undefined) return;
  expectChoice(view, `${path}.scheme`, grading.scheme);
  checkInstant(view, `${path}.assessedAt`, grading.assessedAt, { past: true });
  const codes = GRADES[grading.scheme];
  if (codes === undefined) return;
  const parts = ['source', 'information', 'handling'] as const;
  parts.forEach((part, index) => {
    if (codes[index]?.test(grading[part]) === false)
      view.doubt(`${path}.${part}`, 'GRADING', 'expected a code of the scheme stated; none without a scheme');
  });
}

export function checkSharedFacets(view: ContentView): void {
  const assessment = view.facet('assessment', Assessment);
  if (assessment !== undefined) {
    const path = 'facets.assessment';
    expectChoice(view, `${path}.proof`, assessment.proof);
    if (assessment.grading === undefined)
      view.fault(`${path}.grading`, 'REQUIRED', 'expected a grading, or the scheme none');
    checkGrading(view, `${path}.grading`, assessment.grading);
  }
  const source = view.kind === 'hotline-report' ? undefined : view.facet('source', Source);
  if (source !== undefined) expectChoice(view, 'facets.source.type', source.type);
  checkDistribution(view);
  checkAttachments(view);
  const internal = view.facet('internal', Internal);
  internal?.related.forEach((ref, index) => {
    checkRecordRef(view, `facets.internal.related[${index}]`, ref);
  });
}

function checkDistribution(view: ContentView): void {
  const distribution = view.facet('distribution', Distribution);
  if (distribution === undefined) return;
  const path = 'facets.distribution';
  distribution.exclusions.forEach((node, index) => {
    checkNodeId(view, `${path}.exclusions[${index}]`, node);
    if (view.marking.releasableTo.includes(node))
      view.fault(
        `${path}.exclusions[${index}]`,
        'CONTRADICTION',
        'expected no node that the marking releases to',
      );
  });
  distribution.consents.forEach((consent, index) => {
    checkNodeId(view, `${path}.consents[${index}].partner`, consent.partner);
    checkInstant(view, `${path}.consents[${index}].at`, consent.at, { required: true, past: true });
  });
}

function checkAttachments(view: ContentView): void {
  const files = view.facet('attachments', Attachments)?.files ?? [];
  if (files.length > MAX_ATTACHMENTS)
    view.fault('facets.attachments.files', 'TOO_MANY', `expected at most ${MAX_ATTACHMENTS} files`);
  const digests = new Set<string>();
  files.forEach((file, index) => {
    const at = `facets.attachments.files[${index}]`;
    checkAttachment(view, at, file);
    const digest = Buffer.from(file.sha256).toString('hex');
    if (digests.has(digest)) view.fault(`${at}.sha256`, 'DUPLICATE', 'expected each file once');
    digests.add(digest);
  });
}

function checkAttachment(view: ContentView, at: string, file: Attachment): void {
  checkDigest(view, `${at}.sha256`, file.sha256);
  checkDigest(view, `${at}.blobSha256`, file.blobSha256);
  if (file.fileKey.length !== FILE_KEY_BYTES)
    view.fault(`${at}.fileKey`, 'WRONG_FORM', `expected a key of ${FILE_KEY_BYTES} bytes`);
  if (!MIME.test(file.mime)) view.fault(`${at}.mime`, 'WRONG_FORM', 'expected a media type as image/jpeg');
  if (file.size === 0 || file.size > MAX_ATTACHMENT_BYTES)
    view.fault(`${at}.size`, 'OUT_OF_RANGE', `expected 1 to ${MAX_ATTACHMENT_BYTES} bytes`);
  expectChoice(view, `${at}.class`, file.class);
  if (!file.metadataStripped)
    view.doubt(`${at}.metadataStripped`, 'METADATA', 'expected position, camera and author to be removed');
}
