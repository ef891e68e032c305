// The switch between the system's colour scheme, light and dark. theme.ts applies the choice on the next page.

import {read, write} from './storage';

const order = ['system', 'light', 'dark'] as const;
type Theme = (typeof order)[number];

function current(): Theme {
  return order.find((theme) => theme === read('theme')) ?? 'system';
}

function apply(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll<HTMLElement>('[data-theme-switch]')) {
    const name = button.querySelector<HTMLElement>('[data-theme-name]');
    if (name) name.textContent = theme;
    button.hidden = false;
    button.setAttribute('aria-label', `Theme: ${theme}. Press to change`);
  }
}

export function switchThemes() {
  apply(current());
  document.addEventListener('click', (event) => {
    if (!(event.target as Element).closest('[data-theme-switch]')) return;
    const next = order[(order.indexOf(current()) + 1) % order.length];
    write('theme', next);
    apply(next);
  });
}
