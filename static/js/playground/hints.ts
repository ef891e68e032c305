// The switch that hides our hints is remembered. What it does on the page is done by the style sheet.

import {read, write} from '../storage';

// The id of the switch.
export const HINTS = 'hide-hints';
const KEY = 'playground:hide-hints';

export function hidesHints(): boolean {
  return (document.getElementById(HINTS) as HTMLInputElement | null)?.checked ?? false;
}

// Calls back when the choice changes.
export function rememberHints(form: HTMLFormElement, onChange: () => void) {
  const field = document.getElementById(HINTS) as HTMLInputElement | null;
  if (field && read(KEY) === 'true') field.checked = true;
  // The switch is replaced with the findings, so it is the form that listens.
  form.addEventListener('change', (event) => {
    if ((event.target as Element).id !== HINTS) return;
    write(KEY, hidesHints() ? 'true' : null);
    onChange();
  });
}
