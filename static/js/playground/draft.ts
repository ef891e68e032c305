// What was typed survives reload, closed tab and dead session.

import {read, write} from '../storage';

const KEY = 'playground:draft';
const FIELDS = ['world', 'yaml', 'from', 'method', 'url', 'headers', 'repeat', 'concurrency', 'pause', 'upstream_status', 'upstream_delay'];

export type Draft = Record<string, string>;

export function collect(form: HTMLFormElement): Draft {
  const data = new FormData(form);
  return Object.fromEntries(FIELDS.map((name) => [name, String(data.get(name) ?? '')]));
}

export function fill(form: HTMLFormElement, draft: Draft) {
  for (const name of FIELDS) {
    const field = form.elements.namedItem(name);
    const value = draft[name];
    if (typeof value !== 'string') continue;
    if (field instanceof HTMLSelectElement && ![...field.options].some((option) => option.value === value)) field.add(new Option(value, value));
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) field.value = value;
  }
}

function stored(): Draft | null {
  try {
    return JSON.parse(read(KEY) ?? 'null');
  } catch {
    return null;
  }
}

// Restores the draft where the visitor asked for nothing in particular; else offers it. Says whether the form has changed.
export function adoptDraft(form: HTMLFormElement): boolean {
  const draft = stored();
  if (!draft || JSON.stringify(draft) === JSON.stringify(collect(form))) return false;
  if (!('askedFor' in form.dataset)) {
    fill(form, draft);
    return true;
  }
  const button = form.querySelector<HTMLButtonElement>('[data-draft-restore]');
  if (button && draft.yaml?.trim()) {
    button.hidden = false;
    // A fresh page without an example takes the draft by itself.
    button.addEventListener('click', () => {
      write(KEY, JSON.stringify(draft));
      location.assign(location.pathname);
    });
  }
  return false;
}

// Keeps the form from the first change on: looking at an example does not cost the draft.
export function keepDraft(form: HTMLFormElement, field: HTMLTextAreaElement) {
  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    const text = JSON.stringify(collect(form));
    if (!write(KEY, text)) {
      const status = form.querySelector('[data-status]');
      if (status) status.textContent = 'This is too large for the browser to keep: copy it before you leave the page.';
    }
  };
  let isPending = false;
  form.addEventListener('input', () => {
    isPending = true;
    clearTimeout(timer);
    timer = window.setTimeout(keep, 500);
  });
  field.form?.addEventListener('change', () => (isPending = true));
  addEventListener('pagehide', () => {
    if (isPending) keep();
  });
}
