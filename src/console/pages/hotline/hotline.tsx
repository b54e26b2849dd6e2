/** The hotline's pages, each at an address of its own: the queue, a report taken, one report, a warning, a broadcast. */
import { Redirect, Route, Switch } from 'wouter';
import type { Me } from '../../../desk/http/contract.ts';
import { digestOfPath } from '../board/row.tsx';
import { BroadcastPage } from './broadcast.tsx';
import { Intake } from './intake.tsx';
import { Queue } from './queue.tsx';
import { ReportPage } from './report.tsx';
import { ReportRecordPage } from './report-record.tsx';
import { WarningDraftPage, WarningPage } from './warning.tsx';

export function HotlinePages({ me }: { readonly me: Me }) {
  return (
    <Switch>
      <Route path="/hotline">
        <Queue />
      </Route>
      <Route path="/hotline/new">
        <Intake me={me} />
      </Route>
      <Route path="/hotline/report/:id">{({ id }) => <ReportPage key={id} draftId={id} me={me} />}</Route>
      <Route path="/hotline/record/:digest">
        {({ digest }) => <ReportRecordPage key={digest} headerDigest={digestOfPath(digest)} />}
      </Route>
      <Route path="/hotline/warning/draft/:id/:action?">
        {({ id, action }) => <WarningDraftPage key={id} draftId={id} action={action ?? ''} me={me} />}
      </Route>
      <Route path="/hotline/warning/:from?">
        {({ from }) => (
          <WarningPage key={from ?? ''} from={from === undefined ? '' : digestOfPath(from)} me={me} />
        )}
      </Route>
      <Route path="/hotline/broadcast/:digest">
        {({ digest }) => <BroadcastPage key={digest} headerDigest={digestOfPath(digest)} me={me} />}
      </Route>
      <Route>
        <Redirect to="/hotline" replace />
      </Route>
    </Switch>
  );
}
