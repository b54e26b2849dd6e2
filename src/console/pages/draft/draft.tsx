/** One draft at the node: its drafter goes on writing it, a second officer reads it with the same preview and releases or sends it back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, Redirect, useLocation } from 'wouter';
import type { Me, ResponseOf } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import type { Content } from '../../compose/content.ts';
import { type JsonObject, kindForm } from '../../compose/forms.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Waiting } from '../../parts/empty.tsx';
import { Field } from '../../parts/field.tsx';
import { Foreign, ForeignText } from '../../parts/foreign.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Tlp, Urgency } from '../../parts/marking.tsx';
import { PrintMarks } from '../../parts/print-marks.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, msOf } from '../../parts/time.tsx';
import { useToast } from '../../parts/toast.tsx';
import { sayOr, type TextKey, useText } from '../../text/index.ts';
import { recordPath } from '../board/row.tsx';
import { Preview } from '../compose/preview.tsx';
import { Attachments } from '../record/attachments.tsx';
import { FacetCard } from '../record/facet.tsx';
import { pathText } from '../record/field-text.ts';
import { HereOnly, OwnDraft } from './own-draft.tsx';

type Found = ResponseOf<'RecordService/GetDraft'>;

export function DraftPage({ id, me }: { readonly id: string; readonly me: Me }) {
  const found = useQuery({
    queryKey: ['drafts', id],
    queryFn: () => call('RecordService/GetDraft', { draftId: id }),
  });
  if (found.data === undefined)
    return (
      <div className="page">
        {found.error ? (
          <>
            <ProblemNotice error={found.error} retry={() => void found.refetch()} />
            <HereOnly draftId={id} />
          </>
        ) : (
          <Waiting lines={8} height="2.5rem" />
        )}
      </div>
    );
  const { draft, contentJson } = found.data;
  // What a caller told has pages of its own, which keep nothing of it on this device (R9).
  if (draft?.kind === 'hotline-report' && (draft.revises === '' || draft.state === 'DRAFT_STATE_DRAFT'))
    return <Redirect to={draft.revises === '' ? `/hotline/report/${id}` : '/hotline'} replace />;
  if (draft?.own === true && draft.state === 'DRAFT_STATE_DRAFT')
    return (
      <>
        {draft.note !== '' && <SentBack note={draft.note} />}
        <OwnDraft
          me={me}
          atNode={{
            id,
            content: JSON.parse(contentJson) as Content,
            note: '',
            draftId: id,
            changedAt: msOf(draft.updatedAt),
            asked: true,
            waits: false,
            unsaved: false,
          }}
        />
      </>
    );
  return <Reading found={found.data} me={me} />;
}

function SentBack({ note }: { readonly note: string }) {
  const say = useText();
  return (
    <div className="notice warn" role="note">
      <Icon name="recall" />
      <div>
        <strong>{say('draft.sentBack')}</strong>
        <ForeignText text={note} />
      </div>
    </div>
  );
}

function Reading({ found, me }: { readonly found: Found; readonly me: Me }) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [asking, setAsking] = useState<'release' | 'back' | 'discard'>();
  const [note, setNote] = useState('');
  const { draft, contentJson, flags } = found;
  const draftId = draft?.id ?? '';
  const content = JSON.parse(contentJson) as Content;
  const preview = useQuery({
    queryKey: ['preview', draftId],
    queryFn: () => call('PolicyService/PreviewDraft', { draftId }),
  });
  const act = useMutation({
    async mutationFn(what: 'release' | 'back' | 'discard') {
      if (what === 'back') await call('RecordService/SendBackDraft', { draftId, note });
      if (what === 'discard') await call('RecordService/DiscardDraft', { draftId });
      if (what !== 'release') return undefined;
      return call('RecordService/ReleaseDraft', { draftId, requestId: draftId });
    },
    onSuccess(released, what) {
      for (const list of ['drafts', 'duties', 'board']) void client.invalidateQueries({ queryKey: [list] });
      tell(say(`draft.done.${what}` as TextKey, { count: released?.recipients.length ?? 0 }));
      go(released?.record ? recordPath(released.record.headerDigest) : '/');
    },
    onSettled: () => setAsking(undefined),
  });
  if (draft === undefined) return null;
  const isWaiting = draft.state === 'DRAFT_STATE_SUBMITTED';
  const mayRelease = isWaiting && !draft.own && (me.role === 'releaser' || me.role === 'controller');
  const tlp = content.marking.tlp;
  const isFlash = content.priority === 'PRIORITY_FLASH';
  const facets = Object.entries(content.facets as JsonObject);
  return (
    <article className="page record">
      <PrintMarks place="head" tlp={typeof tlp === 'string' ? tlp : ''} headerDigest="" />
      <header className="record-head">
        <div className="stack">
          <p className="row">
            <span className="soft">{say(`kind.${draft.kind}` as TextKey)}</span>
            {typeof tlp === 'string' && <Tlp tlp={tlp} />}
            <Urgency priority={content.priority ?? ''} />
            <span className="chip accent">{say(`draftState.${draft.state}` as TextKey)}</span>
          </p>
          <h1>
            <Foreign text={draft.title} />
          </h1>
          <p className="soft">
            {say('draft.by')} <Foreign text={draft.drafterName} most={60} /> ·{' '}
            <Ago ms={msOf(draft.updatedAt)} />
          </p>
        </div>
        <div className="row no-print">
          {mayRelease && (
            <>
              <button
                type="button"
                className="button primary"
                disabled={act.isPending}
                onClick={() => setAsking('release')}
              >
                <Icon name="send" />
                {say('draft.release')}
              </button>
              <button
                type="button"
                className="button"
                disabled={act.isPending}
                onClick={() => setAsking('back')}
              >
                <Icon name="recall" />
                {say('draft.back')}
              </button>
            </>
          )}
          {draft.state !== 'DRAFT_STATE_RELEASED' && draft.state !== 'DRAFT_STATE_DISCARDED' && (
            <button type="button" className="button quiet" onClick={() => setAsking('discard')}>
              {say('draft.discard')}
            </button>
          )}
        </div>
      </header>
      {draft.own && isWaiting && (
        <div className="notice" role="note">
          <Icon name="info" />
          <p>{say('draft.fourEyes')}</p>
        </div>
      )}
      {draft.releasedDigest !== '' && (
        <p>
          <Link href={recordPath(draft.releasedDigest)}>{say('draft.released')}</Link>
        </p>
      )}
      {draft.note !== '' && (
        <div className="notice" role="note">
          <Icon name="info" />
          <div>
            <strong>{say('compose.note')}</strong>
            <ForeignText text={draft.note} />
          </div>
        </div>
      )}
      {isFlash && mayRelease && (
        <div className="notice bad" role="note">
          <Icon name="flash" />
          <p>{say('draft.flash')}</p>
        </div>
      )}
      {flags.length > 0 && (
        <div className="notice warn" role="note">
          <Icon name="alert" />
          <div>
            <p>{say('draft.flags', { count: flags.length })}</p>
            <ul>
              {flags.map(({ path, code, message }) => (
                <li key={`${path} ${code}`}>
                  {pathText(path)}: {sayOr(`fault.${code}`, message)}
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
      {act.error && <ProblemNotice error={act.error} />}
      {preview.data && <Preview partners={preview.data.partners} />}
      {preview.error && <ProblemNotice error={preview.error} />}
      <div className="stack">
        {facets.map(([name, value]) =>
          name === 'attachments' ? (
            <Attachments key={name} of={{ draftId }} />
          ) : (
            <FacetCard
              key={name}
              facet={{
                facet: name,
                facetClass: kindForm(draft.kind)?.facets.find((one) => one.name === name)?.class ?? '',
                json: JSON.stringify(value),
                body: '',
                salt: '',
                openUntil: '0',
              }}
            />
          ),
        )}
      </div>
      {asking && (
        <Dialog title={say(`draft.ask.${asking}` as TextKey)} onClose={() => setAsking(undefined)}>
          <p>
            {say(`draft.askHint.${asking}` as TextKey, {
              count: preview.data?.partners.filter(({ receive }) => receive?.allowed === true).length ?? 0,
            })}
          </p>
          {asking === 'back' && (
            <Field label={say('draft.backNote')}>
              {(control) => (
                <textarea
                  {...control}
                  className="input"
                  rows={4}
                  maxLength={2_000}
                  dir="auto"
                  required
                  value={note}
                  onChange={(event) => setNote(event.target.value)}
                />
              )}
            </Field>
          )}
          <div className="actions">
            <button type="button" className="button" onClick={() => setAsking(undefined)}>
              {say('action.cancel')}
            </button>
            <button
              type="button"
              className={`button ${asking === 'discard' ? 'danger' : 'primary'}`}
              disabled={act.isPending || (asking === 'back' && note.trim() === '')}
              onClick={() => act.mutate(asking)}
            >
              {say(`draft.${asking}` as TextKey)}
            </button>
          </div>
        </Dialog>
      )}
      <PrintMarks place="foot" tlp={typeof tlp === 'string' ? tlp : ''} headerDigest="" />
    </article>
  );
}
