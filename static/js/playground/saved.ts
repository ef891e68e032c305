// Requests under a name, kept in this browser and carried by a share link.

import {read, write} from '../storage';
import {REQUEST_FIELDS, type Draft} from './draft';

const KEY = 'playground:requests';
export const MOST = 50;
const LONGEST = 80;

export interface Saved {
  name: string;
  request: Draft;
}

// Who shows them listens for it.
const listeners: (() => void)[] = [];
export const onSaved = (listener: () => void) => void listeners.push(listener);

// What is kept may come from a link: only texts under known names are taken.
function clean(value: unknown): Saved[] {
  if (!Array.isArray(value)) return [];
  const saved = value.flatMap((entry): Saved[] => {
    const {name, request} = (entry ?? {}) as Partial<Saved>;
    if (typeof name !== 'string' || !name.trim() || typeof request !== 'object' || request === null) return [];
    const fields = REQUEST_FIELDS.flatMap((field) => (typeof request[field] === 'string' ? [[field, request[field]]] : []));
    return [{name: name.slice(0, LONGEST), request: Object.fromEntries(fields)}];
  });
  return saved.slice(0, MOST);
}

function parse(text: string | null | undefined): Saved[] {
  try {
    return clean(JSON.parse(text ?? '[]'));
  } catch {
    return [];
  }
}

export const all = (): Saved[] => parse(read(KEY));
export const savedRequests = (): string => JSON.stringify(all());
export const nameOf = (wanted: string, {method, url}: Draft): string => (wanted.trim() || `${method || 'GET'} ${url}`.trim()).slice(0, LONGEST);

function keep(saved: Saved[]): boolean {
  const isKept = write(KEY, JSON.stringify(saved));
  if (isKept) for (const listener of listeners) listener();
  return isKept;
}

// Keeps one; of the same name only the new one stays. Says what hinders it, if anything.
export function save(saved: Saved): string {
  const others = all().filter(({name}) => name !== saved.name);
  if (others.length >= MOST) return `There are ${MOST} saved requests: delete one first.`;
  return keep([...others, saved]) ? '' : 'The browser does not keep it: its storage is full or forbidden.';
}

export const remove = (name: string) => keep(all().filter((saved) => saved.name !== name));

// Changes what must come of one, where it is; whoever shows them has shown it already.
export function expectOf(name: string, expect: string): boolean {
  return write(KEY, JSON.stringify(all().map((saved) => (saved.name === name ? {name, request: {...saved.request, expect}} : saved))));
}

// Takes over what a link or a file brings; of two with one name the new one counts. Says how many had no room.
export function adopt(brought: Saved[]): number {
  const names = new Set(brought.map(({name}) => name));
  const together = [...brought, ...all().filter(({name}) => !names.has(name))];
  keep(clean(together));
  return Math.max(0, together.length - MOST);
}

export function adoptRequests(text: string | undefined) {
  const brought = parse(text);
  if (brought.length > 0) adopt(brought);
}
