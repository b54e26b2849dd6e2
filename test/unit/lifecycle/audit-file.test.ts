import { describe, expect, it } from 'vitest';
import { judgeAuditFile } from '../../../src/lifecycle/index.ts';

const HEAD = JSON.stringify({ format: 'tocsin-audit/1', node: 'XA', network: '00'.repeat(32) });

async function* lines(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

describe('an audit file', () => {
  it('whose last line holds what cannot be written as text is broken, and nothing worse', async () => {
    // JSON may hold objects that no template takes: String({toString: 1}) throws.
    for (const head of ['[{"toString":1,"valueOf":1},1]', '[[],[]]', '[1,2]', '[null]', '[]'])
      expect(await judgeAuditFile(lines(HEAD, `{"head":${head}}`), undefined), head).toMatchObject({
        ok: false,
        reason: 'AUDIT_BROKEN',
      });
    expect(await judgeAuditFile(lines(HEAD, '{"head":null}'), undefined)).toMatchObject({ ok: true });
  });
});
