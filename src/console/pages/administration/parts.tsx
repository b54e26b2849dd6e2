/** The frame of the pages of administration: what they share, and the way between them. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { call } from '../../api/client.ts';
import { useText } from '../../text/index.ts';

const PAGES = [
  { path: '/administration', text: 'admin.officers' },
  { path: '/administration/start', text: 'admin.start' },
  { path: '/administration/desks', text: 'admin.desks' },
  { path: '/administration/node', text: 'admin.node' },
] as const;

export function AdministrationNav({ path }: { readonly path: string }) {
  const say = useText();
  return (
    <nav className="sub-nav" aria-label={say('nav.administration')}>
      {PAGES.map((page) => (
        <Link key={page.path} href={page.path} aria-current={page.path === path ? 'page' : undefined}>
          {say(page.text)}
        </Link>
      ))}
    </nav>
  );
}

export const useOfficers = () =>
  useQuery({ queryKey: ['officers'], queryFn: () => call('OfficerService/ListOfficers', {}) });
export const useStatus = () =>
  useQuery({ queryKey: ['network', 'status'], queryFn: () => call('NetworkService/GetNodeStatus', {}) });

/** A command for the node's machine: told apart from prose, and read from left to right. */
export function Command({ children }: { readonly children: ReactNode }) {
  return (
    <code className="command" dir="ltr">
      {children}
    </code>
  );
}
