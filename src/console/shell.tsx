/** The frame around every page: node, link, who is signed in, and the way to each page that the role has a use for. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Me } from '../desk/http/contract.ts';
import { ask, keepStanding, standingNow } from './api/client.ts';
import { read } from './api/kept.ts';
import { type LinkState, useLive } from './api/live.ts';
import { signOut, watchUse } from './api/session.ts';
import { KeyboardHelp } from './keyboard/help.tsx';
import { useShortcuts } from './keyboard/use-shortcuts.ts';
import { Foreign } from './parts/foreign.tsx';
import { Icon, type IconName } from './parts/icons.tsx';
import { StandingNotes } from './parts/standing-notes.tsx';
import { applyTheme, keptTheme, type Theme } from './parts/theme.ts';
import {
  changeLanguage,
  LANGUAGE_NAMES,
  LANGUAGES,
  type TextKey,
  useLanguage,
  useText,
} from './text/index.ts';

interface Place {
  readonly path: string;
  readonly icon: IconName;
  readonly label: TextKey;
  /** Roles that have a use for it; the node decides who may do what. */
  readonly roles?: readonly string[];
}

const WRITERS = ['officer', 'releaser', 'analyst', 'operator', 'controller'] as const;

const PLACES: readonly Place[] = [
  { path: '/', icon: 'board', label: 'nav.board', roles: [...WRITERS, 'observer'] },
  { path: '/hotline', icon: 'hotline', label: 'nav.hotline', roles: ['operator', 'controller'] },
  { path: '/screen', icon: 'search', label: 'nav.screen', roles: [...WRITERS, 'auditor'] },
  { path: '/compose', icon: 'compose', label: 'nav.compose', roles: WRITERS },
  { path: '/drafts', icon: 'drafts', label: 'nav.drafts', roles: WRITERS },
  { path: '/network', icon: 'network', label: 'nav.network' },
  {
    path: '/policy',
    icon: 'policy',
    label: 'nav.policy',
    roles: ['administrator', 'auditor', 'releaser', 'controller'],
  },
  { path: '/oversight', icon: 'oversight', label: 'nav.oversight', roles: ['auditor'] },
  { path: '/administration', icon: 'administration', label: 'nav.administration', roles: ['administrator'] },
];

/** Administrators and auditors read no record by virtue of their role. */
export const readsRecords = ({ role }: Me): boolean => role !== 'administrator' && role !== 'auditor';

/** Who has drafts and duties, and acknowledges what came: not observers, who look on. */
export const worksAtDesk = ({ role }: Me): boolean => WRITERS.some((one) => one === role);

/** The hotline's own desk; its reports are for nobody else (R9). */
export const isHotline = ({ role }: Me): boolean => role === 'operator' || role === 'controller';

export function Shell({
  me,
  path,
  children,
}: {
  readonly me: Me;
  readonly path: string;
  readonly children: ReactNode;
}) {
  const say = useText();
  const hasInbox = readsRecords(me);
  const link = useLive(hasInbox);
  useEffect(watchUse, []);
  const duties = useQuery({
    queryKey: ['duties'],
    queryFn: () => read('BoardService/ListDuties', {}),
    enabled: worksAtDesk(me),
  });
  const waiting = duties.data?.duties.length ?? 0;
  const places = PLACES.filter(({ roles }) => roles === undefined || roles.includes(me.role));
  const paths = places.map(({ path: to }) => to);
  const [isHelpOpen, setHelpOpen] = useShortcuts(paths);
  const exercise = standingNow().mode === 'exercise';
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {say('nav.skip')}
      </a>
      <header className="top">
        <Link href="/" className="brand">
          <img src="/bell.svg" alt="" />
          <span>Tocsin</span>
          <span className="node">
            {me.node}
            <span className="only-wide">
              {' · '}
              <Foreign text={me.nodeName} />
            </span>
          </span>
        </Link>
        <span className="grow" />
        <LinkSign state={link} />
        <UserMenu me={me} onKeys={() => setHelpOpen(true)} />
      </header>
      <nav className="nav" aria-label={say('nav.label')}>
        {places.map(({ path: to, icon, label }) => (
          <Link
            key={to}
            href={to}
            aria-current={
              (
                to === '/'
                  ? path === '/' || path.startsWith('/record')
                  : path.startsWith(to) || (to === '/drafts' && path.startsWith('/draft/'))
              )
                ? 'page'
                : undefined
            }
          >
            <Icon name={icon} />
            <span>{say(label)}</span>
            {to === '/' && waiting > 0 && (
              <>
                <span className="badge" aria-hidden="true">
                  {waiting}
                </span>
                <span className="visually-hidden">{say('nav.waiting', { count: waiting })}</span>
              </>
            )}
          </Link>
        ))}
      </nav>
      <main className="main" id="main" tabIndex={-1}>
        {exercise && (
          <div className="exercise-band" role="note">
            <strong>{say('mode.exercise')}</strong>
          </div>
        )}
        {children}
        <StandingNotes link={link} />
      </main>
      {isHelpOpen && <KeyboardHelp paths={paths} onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

function LinkSign({ state }: { readonly state: LinkState }) {
  const say = useText();
  return (
    <span className={`link-state ${state}`} role="status">
      <span className="dot" aria-hidden="true" />
      <span className={state === 'live' ? 'only-wide' : ''}>{say(`link.${state}`)}</span>
    </span>
  );
}

/** Who, for what, in which world, in which language and light. */
function UserMenu({ me, onKeys }: { readonly me: Me; readonly onKeys: () => void }) {
  const say = useText();
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const [theme, setTheme] = useState<Theme>(keptTheme());
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event) => {
      if (
        event instanceof KeyboardEvent
          ? event.key === 'Escape'
          : !menu.current?.contains(event.target as Node)
      )
        setOpen(false);
    };
    document.addEventListener('keydown', close);
    document.addEventListener('pointerdown', close);
    return () => {
      document.removeEventListener('keydown', close);
      document.removeEventListener('pointerdown', close);
    };
  }, [open]);
  const restand = (next: Partial<ReturnType<typeof standingNow>>) => {
    keepStanding({ ...standingNow(), ...next });
    // Everything that is shown was asked for otherwise.
    location.reload();
  };
  return (
    <div className="menu" ref={menu}>
      <button type="button" className="button quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="user" />
        <span className="only-wide">
          <Foreign text={me.name} most={40} />
        </span>
        <span className="visually-hidden">{say('menu.open')}</span>
      </button>
      {open && (
        <div className="panel">
          <div>
            <strong>
              <Foreign text={me.name} />
            </strong>
            <p className="soft small">
              {say(`role.${me.role}` as TextKey)} · {say(`deskGroup.${me.deskGroup}` as TextKey)}
            </p>
            <p className="soft small">
              <Foreign text={me.agency} />
            </p>
          </div>
          <label className="field">
            <span className="label">{say('menu.purpose')}</span>
            <select
              className="input"
              value={standingNow().purpose}
              onChange={(event) => restand({ purpose: event.target.value })}
            >
              <option value="">{say('menu.anyPurpose')}</option>
              {me.purposes.map((purpose) => (
                <option key={purpose} value={purpose}>
                  {say(`purpose.${purpose}` as TextKey)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span className="label">{say('menu.world')}</span>
            <select
              className="input"
              value={standingNow().mode}
              onChange={(event) => restand({ mode: event.target.value === 'exercise' ? 'exercise' : 'live' })}
            >
              <option value="live">{say('mode.live')}</option>
              <option value="exercise">{say('mode.exercise')}</option>
            </select>
          </label>
          <label className="field">
            <span className="label">{say('menu.language')}</span>
            <select
              className="input"
              value={language}
              onChange={(event) => {
                const chosen = LANGUAGES.find((one) => one === event.target.value) ?? 'en';
                void changeLanguage(chosen);
                void ask('POST', '/me/locale', { locale: chosen });
              }}
            >
              {LANGUAGES.map((one) => (
                <option key={one} value={one} lang={one}>
                  {LANGUAGE_NAMES[one]}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span className="label">{say('menu.theme')}</span>
            <select
              className="input"
              value={theme}
              onChange={(event) => {
                const chosen = event.target.value as Theme;
                setTheme(chosen);
                applyTheme(chosen);
              }}
            >
              <option value="system">{say('theme.system')}</option>
              <option value="light">{say('theme.light')}</option>
              <option value="dark">{say('theme.dark')}</option>
            </select>
          </label>
          <button
            type="button"
            className="button"
            onClick={() => {
              setOpen(false);
              onKeys();
            }}
          >
            {say('shortcuts.title')}
          </button>
          <Link href="/account" className="button" onClick={() => setOpen(false)}>
            {say('account.title')}
          </Link>
          <button type="button" className="button" onClick={() => void signOut()}>
            {say('menu.signOut')}
          </button>
        </div>
      )}
    </div>
  );
}
