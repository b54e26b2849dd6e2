/** A hub passes a seizure on: refused without its originator's consent, and with it exactly what the consent names. */
import { fromHex, hex } from '../../../base/bytes.ts';
import { DeskCallError } from '../../../desk/index.ts';
import { judgeEvidence } from '../../../ledger/index.ts';
import { receiveBundle } from '../../bundle.ts';
import { deskHolding } from '../gather.ts';
import { seizure } from '../story.ts';
import { assertThat, release, type Stage, type Trial, until, whenHeld } from './stage.ts';

const CONSENTED = ['items', 'summary'];
const DAY_MS = 86_400_000;

export const passingOn: Trial = {
  key: 'passing-on',
  title: 'Arvenia tells the hub alone; the hub would pass it on to Borvania, who made the rifles',
  play: (stage) => playPassingOn(stage),
};

/** What a hub may analyse, and may pass on with consent only. */
const forTheHub = (nowMs: number) => {
  const content = seizure(nowMs);
  return {
    ...content,
    marking: {
      releasableTo: ['HR'],
      purposes: ['customs-control', 'border', 'investigation', 'trace', 'statistics', 'threat-analysis'],
      onward: 'consent',
    },
  };
};

/** The seizure as it was passed on, for trials that follow. */
export async function passOnSeizure(stage: Stage): Promise<{
  readonly record: Uint8Array;
  readonly refusedBy: string;
  readonly facets: readonly string[];
}> {
  const { desks } = stage;
  const told = await release(stage, {
    key: 'seizure-for-hub',
    at: 'XA',
    desk: 'customs',
    content: forTheHub(Date.now()),
  });
  const { headerDigest } = told;
  await whenHeld(stage, 'HR', headerDigest);
  const hub = desks.of('HR', 'hub');
  const refused = await hub.onward.forward({ headerDigest, to: ['XB'] }).then(
    () => undefined,
    (error: unknown) => error,
  );
  assertThat(refused instanceof DeskCallError, 'the hub may not pass on without consent');
  const rule = /\bR\d+\b/.exec(refused.message)?.[0] ?? '';
  assertThat(rule !== '', `the refusal names its rule; it says: ${refused.message}`);

  const { draft } = await desks.of('XA', 'customs').onward.draftConsent({
    headerDigest,
    facets: CONSENTED,
    to: ['XB'],
    conditions: ['for tracing only'],
    expires: BigInt(Date.now() + 30 * DAY_MS),
  });
  await desks.of('XA', 'customs', 'releaser').records.releaseDraft({ draftId: draft?.id ?? '' });
  await until('the hub holds the consent', async () => {
    const { consents } = await hub.onward.listConsents({ headerDigest });
    return consents.length > 0 ? consents : undefined;
  });
  await hub.onward.forward({ headerDigest, to: ['XB'] });
  const held = await whenHeld(stage, 'XB', headerDigest, CONSENTED);
  assertThat(
    held.toSorted().join(' ') === CONSENTED.join(' '),
    `Borvania holds ${CONSENTED.join(', ')} and nothing else; it holds ${held.join(', ')}`,
  );
  return { record: headerDigest, refusedBy: rule, facets: held };
}

async function playPassingOn(stage: Stage): Promise<readonly string[]> {
  const { record, refusedBy, facets } = await passOnSeizure(stage);
  const at = await deskHolding(stage.desks, 'XB', record);
  assertThat(at !== undefined, 'Borvania holds what was passed on');
  const verdict = await judgeEvidence({
    files: await receiveBundle(at.desk, record),
    networkDigest: fromHex(stage.federation.networkDigest),
  });
  assertThat(verdict.ok, `Borvania's evidence verifies: ${verdict.ok ? '' : verdict.detail}`);
  return [
    `without consent the hub's own desk refuses, by ${refusedBy}; nothing left it`,
    `with it Borvania holds ${facets.join(' and ')}, and proves offline that ${at.answer.verification?.originator ?? ''} signed them (record ${hex(record).slice(0, 16)}…)`,
  ];
}
