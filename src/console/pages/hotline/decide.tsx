/** The controller's word on a scrubbed report: into the register with its triage, back to whoever took it, or dropped with a reason. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { call } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { Icon } from '../../parts/icons.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useText } from '../../text/index.ts';
import { digestPath } from './reports.ts';

interface DecideProps {
  readonly draftId: string;
  /** Scrubbed, and by others than this controller. */
  readonly mayRelease: boolean;
  /** The triage says to drop it: nothing is made of it, so nobody has to have known. */
  readonly isDropped: boolean;
}

export function Decide({ draftId, mayRelease, isDropped }: DecideProps) {
  const say = useText();
  const tell = useToast();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [known, setKnown] = useState(false);
  const [asking, setAsking] = useState<'back' | 'drop'>();
  const [note, setNote] = useState('');
  const act = useMutation({
    async mutationFn(what: 'release' | 'back' | 'drop') {
      if (what === 'back') await call('RecordService/SendBackDraft', { draftId, note });
      if (what === 'drop') await call('RecordService/DiscardDraft', { draftId, note });
      if (what !== 'release') return undefined;
      return call('RecordService/ReleaseDraft', { draftId, requestId: draftId });
    },
    onSuccess(released, what) {
      for (const list of ['hotline', 'drafts', 'duties', 'board'])
        void client.invalidateQueries({ queryKey: [list] });
      tell(say(`hotline.done.${what}`));
      go(released?.record ? digestPath('record', released.record.headerDigest) : '/hotline');
    },
    onSettled: () => setAsking(undefined),
  });
  return (
    <section className="card stack" aria-labelledby="decide-title">
      <h2 id="decide-title">{say('hotline.decide')}</h2>
      {mayRelease && !isDropped && (
        <label className="row">
          <input type="checkbox" checked={known} onChange={(event) => setKnown(event.target.checked)} />
          {say('hotline.knownChecked')}
        </label>
      )}
      {mayRelease && <p className="soft small">{say('hotline.knownHint')}</p>}
      {act.error && <ProblemNotice error={act.error} />}
      <div className="row">
        {mayRelease && (
          <button
            type="button"
            className="button primary"
            disabled={act.isPending || (!known && !isDropped)}
            onClick={() => act.mutate('release')}
          >
            <Icon name="check" />
            {say('hotline.register')}
          </button>
        )}
        <button type="button" className="button" disabled={act.isPending} onClick={() => setAsking('back')}>
          <Icon name="recall" />
          {say('draft.back')}
        </button>
        <button
          type="button"
          className="button quiet"
          disabled={act.isPending}
          onClick={() => setAsking('drop')}
        >
          {say('hotline.drop')}
        </button>
      </div>
      {asking && (
        <Dialog
          title={say(asking === 'drop' ? 'hotline.drop' : 'draft.back')}
          onClose={() => setAsking(undefined)}
        >
          {asking === 'drop' && <p>{say('hotline.dropHint')}</p>}
          <Field label={say(asking === 'drop' ? 'hotline.dropReason' : 'draft.backNote')}>
            {(control) => (
              <textarea
                {...control}
                className="input"
                rows={4}
                dir="auto"
                maxLength={2_000}
                required
                value={note}
                onChange={(event) => setNote(event.target.value)}
              />
            )}
          </Field>
          <div className="actions">
            <button type="button" className="button" onClick={() => setAsking(undefined)}>
              {say('action.cancel')}
            </button>
            <button
              type="button"
              className={`button ${asking === 'drop' ? 'danger' : 'primary'}`}
              disabled={act.isPending || note.trim() === ''}
              onClick={() => act.mutate(asking)}
            >
              {say(asking === 'drop' ? 'hotline.drop' : 'draft.back')}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}
