/**
 * Texts of the console in five languages. English says which texts there are; the compiler misses none in the others. A language
 * is loaded when it is chosen.
 */
import i18next from 'i18next';
import { useSyncExternalStore } from 'react';
import { type TextKey as CommonKey, en } from './en.ts';
import type { HotlineKey } from './hotline/en.ts';
import type { ScreenKey } from './screen/en.ts';

export type TextKey = CommonKey | HotlineKey | ScreenKey;
export const LANGUAGES = ['en', 'fr', 'es', 'pt', 'ar'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each in its own language. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'English',
  fr: 'Français',
  es: 'Español',
  pt: 'Português',
  ar: 'العربية',
};

const KEY = 'tocsin-language';
const isLanguage = (text: string | null | undefined): text is Language =>
  LANGUAGES.some((one) => one === text);

const loaders: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Readonly<Record<string, string>>>>> = {
  fr: async () => (await import('./fr.ts')).fr,
  es: async () => (await import('./es.ts')).es,
  pt: async () => (await import('./pt.ts')).pt,
  ar: async () => (await import('./ar.ts')).ar,
};

/** As chosen on this device, else as the browser asks, else English. */
export function preferredLanguage(): Language {
  const kept = localStorage.getItem(KEY);
  if (isLanguage(kept)) return kept;
  const asked = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return asked ?? 'en';
}

export async function openTexts(language: Language): Promise<void> {
  await i18next.init({
    lng: language,
    fallbackLng: 'en',
    // Texts are put into the page as texts, never as markup.
    interpolation: { escapeValue: false },
    keySeparator: false,
    nsSeparator: false,
    resources: { en: { translation: en } },
  });
  await changeLanguage(language, false);
}

type Texts = Readonly<Record<string, string>>;

/** Names of fields and codes: a page that shows records asks for them. English has the node's own words for the latter. */
const recordLoaders: Readonly<Record<Language, () => Promise<readonly Texts[]>>> = {
  en: async () => [(await import('./fields/en.ts')).fields],
  fr: async () => [(await import('./fields/fr.ts')).fields, (await import('./codes/fr.ts')).codes],
  es: async () => [(await import('./fields/es.ts')).fields, (await import('./codes/es.ts')).codes],
  pt: async () => [(await import('./fields/pt.ts')).fields, (await import('./codes/pt.ts')).codes],
  ar: async () => [(await import('./fields/ar.ts')).fields, (await import('./codes/ar.ts')).codes],
};

/** Texts of the hotline's pages, which few officers open. */
const hotlineLoaders: Readonly<Record<Language, () => Promise<readonly Texts[]>>> = {
  en: async () => [(await import('./hotline/en.ts')).hotline],
  fr: async () => [(await import('./hotline/fr.ts')).hotline],
  es: async () => [(await import('./hotline/es.ts')).hotline],
  pt: async () => [(await import('./hotline/pt.ts')).hotline],
  ar: async () => [(await import('./hotline/ar.ts')).hotline],
};

/** Texts of the pages of screening. */
const screenLoaders: Readonly<Record<Language, () => Promise<readonly Texts[]>>> = {
  en: async () => [(await import('./screen/en.ts')).screen],
  fr: async () => [(await import('./screen/fr.ts')).screen],
  es: async () => [(await import('./screen/es.ts')).screen],
  pt: async () => [(await import('./screen/pt.ts')).screen],
  ar: async () => [(await import('./screen/ar.ts')).screen],
};

const SETS = { record: recordLoaders, hotline: hotlineLoaders, screen: screenLoaders } as const;
const wanted = new Set<keyof typeof SETS>();
const loaded = new Set<string>();

async function loadSet(set: keyof typeof SETS, language: Language): Promise<void> {
  if (loaded.has(`${set} ${language}`)) return;
  for (const texts of await SETS[set][language]())
    i18next.addResourceBundle(language, 'translation', texts, true);
  loaded.add(`${set} ${language}`);
}

/** Loads a set, now and whenever the language changes. */
async function want(set: keyof typeof SETS): Promise<void> {
  if (wanted.has(set)) return;
  wanted.add(set);
  const language = languageNow();
  await loadSet(set, language);
  // Draws what is there already with its names.
  await i18next.changeLanguage(language);
}

export const wantRecordTexts = (): Promise<void> => want('record');
export const wantHotlineTexts = (): Promise<void> => want('hotline');
export const wantScreenTexts = (): Promise<void> => want('screen');

/** Loads the language and draws everything in it. */
export async function changeLanguage(language: Language, keep = true): Promise<void> {
  if (language !== 'en' && !i18next.hasResourceBundle(language, 'translation'))
    i18next.addResourceBundle(language, 'translation', await loaders[language]());
  await Promise.all([...wanted].map((set) => loadSet(set, language)));
  if (keep) localStorage.setItem(KEY, language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
}

/** Counts what was loaded or changed, so that what is drawn is drawn again. */
let drawn = 0;
const subscribe = (listener: () => void): (() => void) => {
  const changed = () => {
    drawn += 1;
    listener();
  };
  i18next.on('languageChanged', changed);
  return () => i18next.off('languageChanged', changed);
};

const languageNow = (): Language => (isLanguage(i18next.language) ? i18next.language : 'en');

/** The language that everything is drawn in. */
export function useLanguage(): Language {
  useSyncExternalStore(subscribe, () => drawn);
  return languageNow();
}

type Values = Readonly<Record<string, string | number>>;
export type Say = (key: TextKey, values?: Values) => string;

const say: Say = (key, values) => i18next.t(key, { ...values });
/** A text by a name that came from the desk, as a code of an error; `otherwise` where this console knows none. */
export const sayOr = (key: string, otherwise: string): string =>
  i18next.exists(key) ? i18next.t(key) : otherwise;

/** Texts in the language of the moment; draws again where that changes. */
export function useText(): Say {
  useLanguage();
  return say;
}
