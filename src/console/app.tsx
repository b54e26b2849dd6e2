/** Providers, who is signed in, and which page an address is. Pages are loaded when they are opened. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { Refusal } from './api/client.ts';
import { useMe } from './api/session.ts';
import { BoardPage } from './pages/board/board.tsx';
import { Waiting } from './parts/empty.tsx';
import { ProblemNotice } from './parts/problem.tsx';
import { Toasts } from './parts/toast.tsx';
import { Unbroken } from './parts/unbroken.tsx';
import { isHotline, readsRecords, Shell } from './shell.tsx';
import { useText, wantHotlineTexts, wantRecordTexts, wantScreenTexts } from './text/index.ts';

const RecordPage = lazy(async () => ({ default: (await import('./pages/record/record.tsx')).RecordPage }));
const ComposePage = lazy(async () => ({
  default: (await import('./pages/compose/compose.tsx')).ComposePage,
}));
const ComposeKind = lazy(async () => ({
  default: (await import('./pages/compose/compose.tsx')).ComposeKind,
}));
const DraftPage = lazy(async () => ({ default: (await import('./pages/draft/draft.tsx')).DraftPage }));
const DraftsPage = lazy(async () => ({ default: (await import('./pages/draft/drafts.tsx')).DraftsPage }));
const HotlinePages = lazy(async () => {
  const [{ HotlinePages }] = await Promise.all([
    import('./pages/hotline/hotline.tsx'),
    wantHotlineTexts(),
    wantRecordTexts(),
  ]);
  return { default: HotlinePages };
});
const ScreenPages = lazy(async () => {
  const [{ ScreenPages }] = await Promise.all([
    import('./pages/screen/screen.tsx'),
    wantScreenTexts(),
    wantRecordTexts(),
  ]);
  return { default: ScreenPages };
});
const NetworkPage = lazy(async () => ({
  default: (await import('./pages/network/network.tsx')).NetworkPage,
}));
const PolicyPage = lazy(async () => ({ default: (await import('./pages/policy/policy.tsx')).PolicyPage }));
const OversightPage = lazy(async () => ({
  default: (await import('./pages/oversight/oversight.tsx')).OversightPage,
}));
const AdministrationPage = lazy(async () => ({
  default: (await import('./pages/administration/administration.tsx')).AdministrationPage,
}));
const FirstStepsPage = lazy(async () => ({
  default: (await import('./pages/administration/first-steps.tsx')).FirstStepsPage,
}));
const DesksPage = lazy(async () => ({
  default: (await import('./pages/administration/desks.tsx')).DesksPage,
}));
const NodePage = lazy(async () => ({ default: (await import('./pages/administration/node.tsx')).NodePage }));
const AccountPage = lazy(async () => ({
  default: (await import('./pages/account/account.tsx')).AccountPage,
}));
const SignInPage = lazy(async () => ({ default: (await import('./pages/sign-in/sign-in.tsx')).SignInPage }));
const InvitationPage = lazy(async () => ({
  default: (await import('./pages/sign-in/invitation.tsx')).InvitationPage,
}));
const OpenIdReturnPage = lazy(async () => ({
  default: (await import('./pages/sign-in/openid.tsx')).OpenIdReturnPage,
}));

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // What is refused stays refused; a node that does not answer is asked again.
      retry: (failures, error) => error instanceof Refusal && error.code === 'OFFLINE' && failures < 2,
      refetchOnWindowFocus: true,
      staleTime: 5_000,
      // Whether the node answers is seen by asking: a browser's own idea of being online says nothing of a network without internet.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Toasts>
        <Suspense fallback={<Waiting lines={3} />}>
          <Switch>
            <Route path="/invitation">
              <InvitationPage />
            </Route>
            <Route path="/sign-in/openid">
              <OpenIdReturnPage />
            </Route>
            <Route>
              <Inside />
            </Route>
          </Switch>
        </Suspense>
      </Toasts>
    </QueryClientProvider>
  );
}

function Inside() {
  const say = useText();
  const me = useMe();
  const [path] = useLocation();
  if (me.isPending) return null;
  if (me.data === undefined)
    return (
      <main className="door">
        <div className="card">
          <h1>Tocsin</h1>
          <ProblemNotice error={me.error} retry={() => void me.refetch()} />
          {me.error instanceof Refusal && me.error.code === 'OFFLINE' && <p>{say('offline.door')}</p>}
        </div>
      </main>
    );
  if (me.data === null) return <SignInPage />;
  const officer = me.data;
  return (
    <Shell me={officer} path={path}>
      <Unbroken key={path}>
        <Suspense fallback={<Waiting lines={8} height="2.5rem" />}>
          <Switch>
            <Route path="/">
              {readsRecords(officer) ? (
                <BoardPage me={officer} />
              ) : (
                <Redirect to={officer.role === 'auditor' ? '/oversight' : '/administration'} replace />
              )}
            </Route>
            <Route path="/record/:digest">{({ digest }) => <RecordPage digest={digest} />}</Route>
            <Route path="/compose">
              <ComposePage me={officer} />
            </Route>
            <Route path="/compose/:kind/:id?">
              {({ kind, id }) => <ComposeKind kind={kind} id={id} me={officer} />}
            </Route>
            <Route path="/drafts">
              <DraftsPage />
            </Route>
            <Route path="/draft/:id">{({ id }) => <DraftPage key={id} id={id} me={officer} />}</Route>
            <Route path="/hotline/*?">
              {isHotline(officer) ? <HotlinePages me={officer} /> : <Redirect to="/" replace />}
            </Route>
            <Route path="/screen/:part?/:id?">
              {({ part, id }) => <ScreenPages me={officer} part={part} id={id} />}
            </Route>
            <Route path="/network">
              <NetworkPage />
            </Route>
            <Route path="/policy/:tab?/:digest?">
              {({ tab, digest }) => <PolicyPage me={officer} tab={tab} digest={digest} />}
            </Route>
            <Route path="/oversight/:part?">{({ part }) => <OversightPage part={part} />}</Route>
            <Route path="/account">
              <AccountPage me={officer} />
            </Route>
            <Route path="/administration/start">
              <FirstStepsPage />
            </Route>
            <Route path="/administration/desks">
              <DesksPage />
            </Route>
            <Route path="/administration/node">
              <NodePage />
            </Route>
            <Route path="/administration">
              <AdministrationPage />
            </Route>
            <Route>
              <Redirect to="/" replace />
            </Route>
          </Switch>
        </Suspense>
      </Unbroken>
    </Shell>
  );
}
