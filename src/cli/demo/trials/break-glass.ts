/** An officer opens, in an emergency, what his desk may not read; the originator knows at once, and judges it. */
import { BreakGlassVerdict } from '../../../gen/tocsin/record/v1/break_glass.ts';
import { seizure } from '../story.ts';
import { assertThat, release, type Trial, until, whenHeld } from './stage.ts';

const HOUR_MS = 3_600_000;

export const breakGlass: Trial = {
  key: 'break-glass',
  title: "A licensing officer of Cavelia breaks the glass on a route that is for customs' eyes alone",
  async play(stage) {
    const { desks } = stage;
    const { headerDigest } = await release(stage, {
      key: 'strict',
      at: 'XA',
      desk: 'customs',
      content: {
        ...seizure(Date.now()),
        marking: { tlp: 'amber-strict', releasableTo: ['XC'], purposes: ['customs-control', 'border'] },
      },
    });
    await whenHeld(stage, 'XC', headerDigest);
    const officer = desks.of('XC', 'licensing');
    const { opening } = await officer.breakGlass.openFacets({
      headerDigest,
      facets: ['route'],
      reason: 'the ship with the second container sails within the hour',
    });
    assertThat(opening !== undefined, 'the desk tells of the opening');
    const shown = await officer.records.getRecord({ headerDigest });
    assertThat(
      shown.facets.map(({ facet }) => facet).join() === 'route',
      'the facet named is open, and no other',
    );
    const originator = desks.of('XA', 'customs', 'releaser');
    const told = await until('Arvenia is told', async () => {
      const { openings } = await originator.breakGlass.listOpenings({ headerDigest });
      return openings.find(({ readings }) => readings > 0);
    });
    await originator.breakGlass.reviewOpening({
      opening: told.opening,
      verdict: BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED,
      note: 'the port was warned in time',
    });
    await until('Cavelia holds the review', async () => {
      const { openings } = await desks
        .of('XC', 'customs', 'auditor')
        .breakGlass.listOpenings({ headerDigest });
      return openings.find(({ verdict }) => verdict === BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED);
    });
    return [
      `the facet route and no other is open to ${told.officer} alone, for ${Number(told.until - told.openedAt) / HOUR_MS} hours`,
      `Arvenia was told who, why and of the reading itself, and found it justified; the auditor of Cavelia reads all of it`,
    ];
  },
};
