// What was typed survives reload, closed tab and dead session.

import {read, write} from '../storage';

const KEY = 'playground:draft';
// What makes one request, and what is saved under a name.
export const REQUEST_FIELDS = [
  'from', 'method', 'url', 'headers',
  'token', 'token_issuer', 'token_subject', 'token_audiences', 'token_claims', 'token_expired', 'token_forged',
  'certificate', 'certificate_identity', 'certificate_unknown',
  'repeat', 'concurrency', 'pause', 'upstream_status', 'upstream_delay', 'expect',
];
// The switches of namespaces, which are those of the world.
const SWITCH = 'injection.';
// Names of buttons, which say what is done once, and what was sent before: no part of what is there.
const PASSING = new Set(['fix', 'panel', 'replay', 'take', 'previous']);

export type Draft = Record<string, string>;

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const isField = (element: unknown): element is Field =>
  (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) && element.name !== '';

export const pick = (form: HTMLFormElement, fields: string[]): Draft => {
  const data = new FormData(form);
  return Object.fromEntries(fields.map((name) => [name, String(data.get(name) ?? '')]));
};

// Every field of the form by its name: what is new on the page is in drafts and links by itself. A switch that switches nothing is not.
export function collect(form: HTMLFormElement): Draft {
  const names = new Set([...form.elements].filter(isField).map((field) => field.name).filter((name) => !PASSING.has(name)));
  return Object.fromEntries(Object.entries(pick(form, [...names])).filter(([name, value]) => !name.startsWith(SWITCH) || value !== ''));
}

// A box that is not ticked is the empty text; what an older draft does not have stays as it is.
export function fill(form: HTMLFormElement, draft: Draft, fields = Object.keys(draft)) {
  for (const name of fields) {
    const field = form.elements.namedItem(name);
    const value = draft[name];
    if (typeof value !== 'string') continue;
    if (!field) carry(form, name, value);
    if (field instanceof HTMLInputElement && field.type === 'checkbox') {
      field.checked = value !== '';
      if (field.checked) field.closest('details:not(.panel)')?.setAttribute('open', '');
      continue;
    }
    if (field instanceof HTMLSelectElement && ![...field.options].some((option) => option.value === value)) field.add(new Option(value, value));
    if (isField(field)) field.value = value;
    if (name === 'expect' && value && isField(field)) field.closest('details')?.setAttribute('open', '');
  }
}

// A field that the page does not show yet, as its panel comes with an answer. Links are written by strangers: no button is pressed.
function carry(form: HTMLFormElement, name: string, value: string) {
  if (value === '' || PASSING.has(name) || !(name.startsWith(SWITCH) || /^[a-z_]+$/.test(name))) return;
  const field = Object.assign(document.createElement('input'), {type: 'hidden', name, value});
  field.dataset.carried = '';
  form.append(field);
}

// Once an answer has brought a field, it speaks for itself. The world's panel always brings all of its switches.
export function settle(form: HTMLFormElement) {
  for (const field of form.querySelectorAll<HTMLInputElement>('[data-carried]')) {
    const isThere = [...form.elements].some((other) => other !== field && isField(other) && other.name === field.name);
    if (isThere || field.name.startsWith(SWITCH)) field.remove();
  }
}

// Another world has other namespaces.
export function leaveWorld(form: HTMLFormElement) {
  for (const field of [...form.elements].filter(isField)) if (field.name.startsWith(SWITCH)) field.value = '';
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

// Whether filling in the draft would change nothing.
function isIn(form: HTMLFormElement, draft: Draft): boolean {
  const now = collect(form);
  return Object.entries(draft).every(([name, value]) => (now[name] ?? '') === value);
}

// Restores the draft where the visitor asked for nothing in particular; else offers it. Says whether the form has changed.
export function adoptDraft(form: HTMLFormElement): boolean {
  const draft = stored();
  if (!draft || isIn(form, draft)) return false;
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
      location.assign(form.action);
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
