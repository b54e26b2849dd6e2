/** What every officer did at every desk, as a chain that nobody can shorten. */
import { CAST } from '../story.ts';
import { assertThat, type Trial } from './stage.ts';

export const trail: Trial = {
  key: 'trail',
  title: 'Auditors verify the trail of reads and decisions at every desk',
  async play({ desks }) {
    const rows: string[] = [];
    for (const { id } of CAST) {
      const [desk] = desks.allOf(id, 'auditor');
      assertThat(desk !== undefined, `${id} has a desk`);
      const found = await desk.audit.verifyAudit({});
      assertThat(found.intact, `the trail of ${id} is intact: ${found.problem}`);
      rows.push(`${id} ${found.rows}`);
    }
    return [`every row is bound to the one before it; rows: ${rows.join(', ')}`];
  },
};
