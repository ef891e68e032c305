// What was typed survives reload, closed tab and dead session.

import {read, write} from '../storage';

const KEY = 'playground:draft';
// What makes one request, and what is saved under a name.
export const REQUEST_FIELDS = [
  'from', 'method', 'url', 'headers',
  'token', 'token_issuer', 'token_subject', 'token_audiences', 'token_claims', 'token_expired', 'token_forged',
  'certificate', 'certificate_identity', 'certificate_unknown',
];
const FIELDS = ['world', 'yaml', ...REQUEST_FIELDS, 'repeat', 'concurrency', 'pause', 'upstream_status', 'upstream_delay', 'mtls', 'outbound', 'fail', 'fail_status', 'slow', 'slow_delay'];
// The switches of namespaces, which are those of the world.
const SWITCH = 'injection.';

export type Draft = Record<string, string>;

export const pick = (form: HTMLFormElement, fields: string[]): Draft => {
  const data = new FormData(form);
  return Object.fromEntries(fields.map((name) => [name, String(data.get(name) ?? '')]));
};

export function collect(form: HTMLFormElement): Draft {
  const data = new FormData(form);
  return pick(form, [...FIELDS, ...[...data.keys()].filter((name) => name.startsWith(SWITCH) && data.get(name) !== '')]);
}

// A box that is not ticked is the empty text; what an older draft does not have stays as it is.
export function fill(form: HTMLFormElement, draft: Draft, fields = [...FIELDS, ...Object.keys(draft).filter((name) => name.startsWith(SWITCH))]) {
  for (const name of fields) {
    const field = form.elements.namedItem(name);
    const value = draft[name];
    if (typeof value !== 'string') continue;
    if (!field && name.startsWith(SWITCH)) carry(form, name, value);
    if (field instanceof HTMLInputElement && field.type === 'checkbox') {
      field.checked = value !== '';
      if (field.checked) field.closest('details')?.setAttribute('open', '');
      continue;
    }
    if (field instanceof HTMLSelectElement && ![...field.options].some((option) => option.value === value)) field.add(new Option(value, value));
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) field.value = value;
  }
}

// A switch of a namespace that the page does not show yet; its panel is replaced with the next answer, which does.
function carry(form: HTMLFormElement, name: string, value: string) {
  const field = Object.assign(document.createElement('input'), {type: 'hidden', name, value});
  form.querySelector('#world-panel')?.append(field);
}

// Another world has other namespaces.
export function leaveWorld(form: HTMLFormElement) {
  for (const field of form.querySelectorAll<HTMLSelectElement>(`#world-panel [name^="${SWITCH}"]`)) field.value = '';
}

// What is switched in the world, as the API takes it.
export function switches(form: HTMLFormElement) {
  const draft = collect(form);
  const injection = Object.entries(draft).filter(([name]) => name.startsWith(SWITCH)).map(([name, mode]) => [name.slice(SWITCH.length), mode]);
  return {injection: Object.fromEntries(injection), mtls: draft.mtls, outbound: draft.outbound};
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
