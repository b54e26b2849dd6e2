/** Where a warning begins: of nothing, of a report in the register, or of the warning that it updates or cancels. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Me } from '../../../desk/http/contract.ts';
import { call } from '../../api/client.ts';
import { type Content, getAt, isObject } from '../../compose/content.ts';
import type { Json } from '../../compose/forms.ts';
import { Waiting } from '../../parts/empty.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useLanguage, useText, wantRecordTexts } from '../../text/index.ts';
import { recordQuery } from '../record/record.tsx';
import { newWarning, withFacet } from './report-content.ts';
import { WarningForm } from './warning-form.tsx';

void wantRecordTexts();

export function WarningPage({ from, me }: { readonly from: string; readonly me: Me }) {
  const say = useText();
  const language = useLanguage();
  const found = useQuery({ ...recordQuery(from), enabled: from !== '' });
  const shown = found.data;
  const begun = useMemo(() => {
    const facet = (name: string): Json => {
      const json = shown?.facets.find((one) => one.facet === name)?.json ?? '';
      return json === '' ? {} : (JSON.parse(json) as Json);
    };
    const summary = facet('summary');
    const spoken = isObject(summary) && typeof summary.language === 'string' ? summary.language : 'en';
    const warning = newWarning([...new Set([language, spoken])], summary, Date.now());
    const number = isObject(summary) ? String(summary.reportNumber ?? '') : '';
    return {
      content: { ...warning, marking: { ...warning.marking, tlp: 'TLP_CLEAR' } },
      told: `${number}\n${toldIn(facet('content'))}`,
    };
  }, [shown, language]);
  if (from !== '' && shown === undefined) return <Loading error={found.error} />;
  return (
    <WarningForm
      begun={begun.content}
      draftId=""
      title={say('hotline.warn')}
      told={from === '' ? '' : begun.told}
      me={me}
    />
  );
}

const toldIn = (content: Json): string => {
  const narrative = getAt(content, ['narrative']);
  return (Array.isArray(narrative) ? narrative : [])
    .map((text) => (isObject(text) ? String(text.text ?? '') : ''))
    .join('\n');
};

const Loading = ({ error }: { readonly error: unknown }) => (
  <div className="page">
    {error ? <ProblemNotice error={error} /> : <Waiting lines={8} height="2.5rem" />}
  </div>
);

const ACTIONS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  update: [['action', 'WARNING_ACTION_UPDATE']],
  cancel: [
    ['action', 'WARNING_ACTION_CANCEL'],
    ['urgency', 'URGENCY_PAST'],
  ],
};

export function WarningDraftPage({
  draftId,
  action,
  me,
}: {
  readonly draftId: string;
  readonly action: string;
  readonly me: Me;
}) {
  const say = useText();
  const found = useQuery({
    queryKey: ['drafts', draftId],
    queryFn: () => call('RecordService/GetDraft', { draftId }),
    // What is being written is not drawn anew by what is stored.
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (found.data === undefined) return <Loading error={found.error} />;
  const stored = JSON.parse(found.data.contentJson) as Content;
  const begun = (ACTIONS[action] ?? []).reduce(
    (content, [field, code]) => withFacet(content, ['summary', field], code),
    stored,
  );
  return (
    <WarningForm
      begun={begun}
      draftId={draftId}
      title={say(action === 'cancel' ? 'hotline.cancelWarning' : 'hotline.updateWarning')}
      told=""
      me={me}
    />
  );
}
