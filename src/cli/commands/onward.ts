/** `tocsin record consent|consents|ask-consent|forward|accept|readings`: passing on, and the conditions of originators. */
import { hex } from '../../base/bytes.ts';
import { ReadingKind } from '../../gen/tocsin/desk/v1/onward_service.ts';
import { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import { type AsOfficer, headerDigestOf, instant, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';

const DAY_MS = 86_400_000;

const inDays = (days: number): bigint => BigInt(Date.now() + days * DAY_MS);

export async function consent(
  [reference = '']: readonly string[],
  options: AsOfficer & {
    readonly facets: readonly string[];
    readonly to: readonly string[];
    readonly via?: readonly string[];
    readonly conditions?: readonly string[];
    readonly expires: number;
    readonly evidence?: boolean;
  },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { draft } = await desk.onward.draftConsent({
    headerDigest: await headerDigestOf(desk, reference),
    facets: options.facets,
    to: options.to,
    via: options.via ?? [],
    conditions: options.conditions ?? [],
    expires: inDays(options.expires),
    evidence: options.evidence === true,
  });
  const id = draft?.id ?? '';
  output.line(`draft ${id} submitted: ${shown(draft?.title ?? '')}`);
  output.line(`next: another officer runs \`tocsin record release ${id}\``);
  output.document({ draft: id, state: 'submitted' });
}

export async function consents(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const answer = await desk.onward.listConsents({ headerDigest: await headerDigestOf(desk, reference) });
  output.table(
    ['consent', 'permits', 'facets', 'to', 'until', 'conditions'],
    answer.consents.map((one) => [
      hex(one.headerDigest).slice(0, 16),
      one.withdrawn ? 'nothing: taken back' : one.evidence ? 'use as evidence' : 'passing on',
      one.facets.join(' '),
      one.to.join(' '),
      instant(one.expires),
      one.conditions.map(shown).join('; '),
    ]),
  );
  output.document({ consents: answer.consents });
}

export async function askConsent(
  [reference = '']: readonly string[],
  options: AsOfficer & {
    readonly facets: readonly string[];
    readonly to?: readonly string[];
    readonly question?: string;
    readonly evidence?: boolean;
    readonly due: number;
  },
  output: Output,
): Promise<void> {
  if (options.evidence !== true && (options.to ?? []).length === 0)
    throw new CliError('USAGE', 'expected --to with the node that is to get it, or --evidence');
  using desk = openOfficerDesk(options);
  const headerDigest = await headerDigestOf(desk, reference);
  const { requestDigest } = await desk.onward.askConsent({
    headerDigest,
    facets: options.facets,
    to: options.to ?? [],
    question: options.question ?? '',
    evidence: options.evidence === true,
    due: inDays(options.due),
  });
  output.line(`asked its originator; the request is record ${hex(requestDigest)}`);
  output.document({ request: requestDigest });
}

export async function forward(
  [reference = '']: readonly string[],
  options: AsOfficer & {
    readonly to: readonly string[];
    readonly facets?: readonly string[];
    readonly preview?: boolean;
  },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const headerDigest = await headerDigestOf(desk, reference);
  if (options.preview === true) {
    const { recipients } = await desk.onward.previewForward({ headerDigest, to: options.to });
    for (const { recipient, grounds, sent } of recipients) {
      for (const { view, consent: digest } of grounds) {
        const ground = digest.length > 0 ? `consent ${hex(digest).slice(0, 16)}` : 'the marking';
        if (view?.receive?.allowed !== true) {
          output.line(
            `${recipient}: nothing, by ${view?.receive?.rule}: ${shown(view?.receive?.reason ?? '')}`,
          );
          continue;
        }
        output.line(`${recipient}, by ${ground}:`);
        for (const { facet, decision } of view.facets)
          output.line(
            decision?.allowed === true
              ? `  ● ${facet}${sent.includes(facet) ? ' (sent before)' : ''}`
              : `  ○ ${facet}: ${decision?.rule} ${shown(decision?.reason ?? '')}`,
          );
      }
    }
    output.document({ recipients });
    return;
  }
  const { recipients } = await desk.onward.forward({
    headerDigest,
    to: options.to,
    facets: options.facets ?? [],
  });
  for (const { recipient, facets, disclosures } of recipients)
    output.line(
      disclosures.length === 0
        ? `${recipient} has it all already`
        : `to ${recipient}: ${facets.length === 0 ? 'its existence' : facets.join(' ')}; its originator is told by ${disclosures
            .map((digest) => hex(digest).slice(0, 16))
            .join(' ')}`,
    );
  output.document({ recipients });
}

export async function accept(
  [reference = '']: readonly string[],
  options: AsOfficer & { readonly condition?: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const headerDigest = await headerDigestOf(desk, reference);
  const { condition } = await desk.records.getRecord({ headerDigest });
  if (options.condition === undefined) {
    output.line(`condition: ${shown(condition)}`);
    throw new CliError('USAGE', 'repeat it word for word with --condition to accept it for your desk group');
  }
  const { acceptedAt } = await desk.records.acceptConditions({ headerDigest, condition: options.condition });
  output.line(`accepted at ${instant(acceptedAt)}; its originator is told with the next checkpoint`);
  output.document({ acceptedAt });
}

const READINGS: Readonly<Record<number, string>> = {
  [ReadingKind.READING_KIND_ACCEPTED]: 'accepted the condition',
  [ReadingKind.READING_KIND_READ]: 'read it',
  [ReadingKind.READING_KIND_ACKNOWLEDGED]: 'has it in hand',
};

export async function readings(
  [reference = '']: readonly string[],
  options: AsOfficer,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const answer = await desk.onward.listReadings({ headerDigest: await headerDigestOf(desk, reference) });
  output.table(
    ['node', 'desk', 'did', 'facets', 'at', 'receipt'],
    answer.readings.map((one) => [
      one.node,
      nameOf(DeskGroup, 'DESK_GROUP_', one.deskGroup),
      READINGS[one.kind] ?? '',
      one.facets.join(' '),
      instant(one.at),
      hex(one.receiptDigest).slice(0, 16),
    ]),
  );
  output.document({ readings: answer.readings });
}
