/** A new record: which kind, or what was begun on this device. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link, Redirect, useLocation } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { KINDS, kindForm } from '../../compose/forms.ts';
import {
  forgetDraft,
  keepDraft,
  type LocalDraft,
  localDraft,
  localDrafts,
} from '../../compose/local-drafts.ts';
import { worldIn } from '../../compose/world.ts';
import { Empty, Waiting } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Ago } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { isHotline } from '../../shell.tsx';
import { type TextKey, useText } from '../../text/index.ts';
import { Composer, newLocalDraft } from './composer.tsx';

/** Kinds with a page of their own: what a caller tells is never kept on a device (R9). */
const PAGES: Readonly<Record<string, string>> = { 'hotline-report': '/hotline/new' };

/** The desk groups that publish what nodes work by; the node decides. */
const PUBLISHERS: readonly string[] = ['hub', 'licensing', 'police'];

function mayDraft(me: Me, kind: string): boolean {
  if (kind === 'hotline-report') return isHotline(me);
  return kind !== 'reference-table' || PUBLISHERS.includes(me.deskGroup);
}

export function ComposePage({ me }: { readonly me: Me }) {
  const say = useText();
  const client = useQueryClient();
  const tell = useToast();
  const begun = useQuery({
    queryKey: ['local-drafts', me.identity],
    queryFn: () => localDrafts(),
  });
  const again = () => client.invalidateQueries({ queryKey: ['local-drafts'] });
  const remove = async (draft: LocalDraft) => {
    await forgetDraft(draft.id);
    await again();
    tell(say('compose.forgotten'), () => void keepDraft(draft).then(again));
  };
  const open = (begun.data ?? []).filter(({ draftId, waits }) => draftId === '' || waits);
  const kinds = KINDS.filter(({ code }) => mayDraft(me, code));
  return (
    <div className="page">
      <h1>{say('compose.title')}</h1>
      <ul className="kinds">
        {kinds.map(({ code }) => (
          <li key={code}>
            <Link href={PAGES[code] ?? `/compose/${code}`} className="card kind">
              <Icon name="compose" />
              <strong>{say(`kind.${code}` as TextKey)}</strong>
              <span className="soft small">{say(`kindHint.${code}` as TextKey)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {open.length > 0 && (
        <section className="stack" aria-labelledby="begun-title">
          <h2 id="begun-title">{say('compose.begun')}</h2>
          <ul className="stack">
            {open.map((draft) => (
              <li key={draft.id} className="card row spread">
                <Link href={`/compose/${draft.content.kind}/${draft.id}`}>
                  {say(`kind.${draft.content.kind}` as TextKey)} · <Ago ms={draft.changedAt} />
                </Link>
                {worldIn(draft.content) === 'exercise' && (
                  <span className="chip warn">{say('mode.exercise')}</span>
                )}
                {draft.waits && <span className="chip accent">{say('compose.waiting')}</span>}
                <button type="button" className="link" onClick={() => void remove(draft)}>
                  {say('compose.forget')}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** `/compose/<kind>` begins, `/compose/<kind>/<id>` goes on where one was. */
export function ComposeKind({
  kind,
  id,
  me,
}: {
  readonly kind: string;
  readonly id: string | undefined;
  readonly me: Me;
}) {
  const say = useText();
  const [, go] = useLocation();
  const fresh = useMemo(() => newLocalDraft(kind), [kind]);
  const begun = useQuery({
    queryKey: ['local-draft', id],
    queryFn: async () => (id === undefined ? null : ((await localDraft(id)) ?? null)),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const page = PAGES[kind];
  if (page !== undefined) return <Redirect to={page} replace />;
  if (kindForm(kind) === undefined)
    return (
      <Empty icon="compose" title={say('compose.unknown')}>
        <button type="button" className="button" onClick={() => go('/compose')}>
          {say('compose.title')}
        </button>
      </Empty>
    );
  if (begun.isPending) return <Waiting lines={8} height="2.5rem" />;
  return <Composer key={begun.data?.id ?? fresh.id} start={begun.data ?? fresh} me={me} />;
}
