/**
 * A draft that its drafter goes on writing. Where this device holds words that the node was never told, both versions are offered: neither is
 * taken, and neither is lost, without his saying so.
 */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { differences } from '../../compose/content.ts';
import { forgetDraft, keepDraft, type LocalDraft, unsavedOf } from '../../compose/local-drafts.ts';
import { Waiting } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Ago, Instant } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { sayOr, useText } from '../../text/index.ts';
import { Composer } from '../compose/composer.tsx';
import { fieldText } from '../record/field-text.ts';

/** Read anew whenever a page asks: another window may have written since. */
const useUnsaved = (draftId: string) =>
  useQuery({
    queryKey: ['local-drafts', 'unsaved', draftId],
    queryFn: () => unsavedOf(draftId),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

const partText = (name: string): string =>
  name === 'marking' ? sayOr('compose.marking', name) : sayOr(`facet.${name}`, fieldText(name));

export function OwnDraft({ atNode, me }: { readonly atNode: LocalDraft; readonly me: Me }) {
  const tell = useToast();
  const say = useText();
  const [chosen, setChosen] = useState<LocalDraft>();
  const unsaved = useUnsaved(atNode.draftId);
  if (chosen !== undefined)
    return <Composer key={`${chosen.id} ${chosen.changedAt}`} me={me} start={chosen} />;
  // Also where it cannot be read any more: the node's version is there.
  if (unsaved.isPending) return <Waiting lines={8} height="2.5rem" />;
  const others = (unsaved.data ?? []).flatMap((draft) => {
    const parts = differences(draft.content, atNode.content);
    return parts.length === 0 ? [] : [{ draft, parts }];
  });
  if (others.length === 0) return <Composer key={atNode.id} me={me} start={atNode} />;
  const takeNodes = async () => {
    for (const { draft } of others) await forgetDraft(draft.id);
    setChosen(atNode);
    tell(say('versions.dropped'), () => {
      // Beside what was written since, under a name of its own.
      const back = others.map(({ draft }) => ({ ...draft, id: crypto.randomUUID() }));
      void Promise.all(back.map(keepDraft))
        .then(() => unsaved.refetch())
        .then(() => setChosen(undefined));
    });
  };
  return (
    <div className="page">
      <h1>{say('versions.title')}</h1>
      <div className="notice warn" role="note">
        <Icon name="alert" />
        <p>{say('versions.hint')}</p>
      </div>
      <div className="versions">
        {others.map(({ draft, parts }) => (
          <Version
            key={draft.id}
            title={say('versions.here')}
            at={draft.changedAt}
            parts={parts}
            action={say('versions.takeHere')}
            onTake={() => setChosen(draft)}
          />
        ))}
        <Version
          title={say('versions.node')}
          at={atNode.changedAt}
          parts={[]}
          action={say('versions.takeNode')}
          onTake={() => void takeNodes()}
        />
      </div>
    </div>
  );
}

function Version({
  title,
  at,
  parts,
  action,
  onTake,
}: {
  readonly title: string;
  /** Milliseconds UTC. */
  readonly at: number;
  /** What it says otherwise than the node. */
  readonly parts: readonly string[];
  readonly action: string;
  readonly onTake: () => void;
}) {
  const say = useText();
  const id = useId();
  return (
    <section className="card stack" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p>
        <Instant ms={at} />{' '}
        <span className="soft">
          (<Ago ms={at} />)
        </span>
      </p>
      {parts.length > 0 && (
        <p className="small">{say('versions.differs', { parts: parts.map(partText).join(', ') })}</p>
      )}
      <div>
        <button type="button" className="button" onClick={onTake}>
          {action}
        </button>
      </div>
    </section>
  );
}

/** The node does not answer: what this device holds of the draft can be gone on with. */
export function HereOnly({ draftId }: { readonly draftId: string }) {
  const say = useText();
  const unsaved = useUnsaved(draftId);
  return (
    <ul className="stack">
      {(unsaved.data ?? []).map(({ id, content, changedAt }) => (
        <li key={id} className="card">
          <Link href={`/compose/${content.kind}/${id}`}>{say('versions.takeHere')}</Link> ·{' '}
          <Instant ms={changedAt} />
        </li>
      ))}
    </ul>
  );
}
