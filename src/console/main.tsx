/** Starts the console: language first, so that nothing is drawn twice. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { restoreStanding } from './api/client.ts';
import { copyProgram } from './api/program.ts';
import { App } from './app.tsx';
import { applyTheme, keptTheme } from './parts/theme.ts';
import { openTexts, preferredLanguage } from './text/index.ts';

/** An address that is none, as one cut off in the middle of a character, leads to the beginning. */
function mendAddress(): void {
  try {
    decodeURIComponent(location.pathname);
  } catch {
    history.replaceState(null, '', '/');
  }
}

mendAddress();
applyTheme(keptTheme());
restoreStanding();
await openTexts(preferredLanguage());
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
// A page that the browser kept aside may be of an officer who signed out since.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});
void copyProgram().catch(() => undefined);
