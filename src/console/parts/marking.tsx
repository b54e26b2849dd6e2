/** Marking and urgency: always with their words. */
import { type TextKey, useText } from '../text/index.ts';
import { Icon, type IconName } from './icons.tsx';

const TLP: Readonly<Record<string, readonly [string, string]>> = {
  TLP_CLEAR: ['clear', 'TLP:CLEAR'],
  TLP_GREEN: ['green', 'TLP:GREEN'],
  TLP_AMBER: ['amber', 'TLP:AMBER'],
  TLP_AMBER_STRICT: ['amber-strict', 'TLP:AMBER+STRICT'],
  TLP_RED: ['red', 'TLP:RED'],
};

/** The label of FIRST's Traffic Light Protocol 2.0, which is written alike in every language. */
export function Tlp({ tlp }: { readonly tlp: string }) {
  const [form, label] = TLP[tlp] ?? ['clear', tlp];
  return (
    <span className={`tlp ${form}`} dir="ltr">
      {label}
    </span>
  );
}

const URGENCY: Readonly<Record<string, readonly [string, IconName, TextKey]>> = {
  PRIORITY_FLASH: ['flash', 'flash', 'priority.flash'],
  PRIORITY_IMMEDIATE: ['immediate', 'chevrons', 'priority.immediate'],
  PRIORITY_PRIORITY: ['priority', 'chevron', 'priority.priority'],
  PRIORITY_ROUTINE: ['routine', 'dash', 'priority.routine'],
};

export function Urgency({ priority }: { readonly priority: string }) {
  const say = useText();
  const [form, icon, key] = URGENCY[priority] ?? (['routine', 'dash', 'priority.routine'] as const);
  return (
    <span className={`urgency ${form}`}>
      <Icon name={icon} />
      {say(key)}
    </span>
  );
}
