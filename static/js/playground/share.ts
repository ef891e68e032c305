// Links that carry everything behind the `#`, compressed and never sent to a server; and snapshots, which the server keeps.

import {collect, fill, type Draft} from './draft';
import {adoptRequests, savedRequests} from './requests';
import type {Sender} from './sender';

const PREFIX = '#s=';
// A longer address is cut by some of the programs that it is pasted into.
const LONGEST = 8000;

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

function toText(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}

// The panel whose button was pressed is computed and seen again.
function openPanel(sender: Sender, panel: string | undefined) {
  if (typeof panel !== 'string' || !/^[a-z]+$/.test(panel)) return;
  sender.panel = panel;
  document.getElementById(`panel-${panel}`)?.setAttribute('open', '');
}

// Fills the form from the address, where it carries something, and takes over what a snapshot brings besides. Says whether the
// form has changed.
export async function adoptShared(form: HTMLFormElement, sender: Sender): Promise<boolean> {
  openPanel(sender, form.dataset.panel);
  adoptRequests(form.dataset.requests);
  if (!location.hash.startsWith(PREFIX)) return false;
  try {
    const bytes = await through(toBytes(location.hash.slice(PREFIX.length)), new DecompressionStream('deflate-raw'));
    const {requests, panel, ...draft} = JSON.parse(new TextDecoder().decode(bytes)) as Draft;
    fill(form, draft);
    openPanel(sender, panel);
    adoptRequests(requests);
    return true;
  } catch {
    sender.say('This link is damaged: what it shared cannot be read. Ask for it again.');
    return false;
  }
}

// Everything that is to be found again.
function everything(form: HTMLFormElement, sender: Sender): Draft {
  const requests = savedRequests();
  return {...collect(form), panel: sender.panel, requests: requests === '[]' ? '' : requests};
}

async function linkOf(draft: Draft): Promise<string> {
  const bytes = await through(new TextEncoder().encode(JSON.stringify(draft)), new CompressionStream('deflate-raw'));
  return `${location.origin}/playground${PREFIX}${toText(bytes)}`;
}

// The address of a new snapshot, or why there is none.
async function keep(url: string, fields: Draft): Promise<{address: string; until: string} | {reason: string}> {
  try {
    const response = await fetch(url, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({fields})});
    const answer = (await response.json()) as {url: string; expires_at: string; detail?: string};
    if (!response.ok) return {reason: answer.detail ?? `the server answered ${response.status}`};
    return {address: location.origin + answer.url, until: answer.expires_at.slice(0, 10)};
  } catch {
    return {reason: 'the server cannot be reached'};
  }
}

async function isCopied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function offerSharing(form: HTMLFormElement, sender: Sender) {
  const menu = form.querySelector<HTMLDetailsElement>('[data-share-menu]');
  if (!menu) return;
  const done = () => {
    menu.open = false;
    menu.querySelector('summary')?.focus();
  };
  const show = async (address: string, what: string) => {
    history.replaceState(null, '', address);
    sender.say(`The link is ${(await isCopied(address)) ? 'copied' : 'in the address bar'}. ${what}`);
  };
  const snapshot = async (draft: Draft): Promise<string> => {
    const kept = await keep(form.dataset.snapshots ?? '', draft);
    if ('reason' in kept) return kept.reason;
    await show(kept.address, `It leads to a snapshot on this server, which is kept until ${kept.until}; whoever has it can open it.`);
    return '';
  };
  menu.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') done();
  });
  menu.querySelector('[data-snapshot]')?.addEventListener('click', async (event) => {
    event.preventDefault();
    done();
    const reason = await snapshot(everything(form, sender));
    if (reason) sender.say(`Nothing was kept: ${reason}.`);
  });
  const button = menu.querySelector<HTMLElement>('[data-share]');
  if (!button || !('CompressionStream' in window)) return;
  button.closest('p')?.removeAttribute('hidden');
  button.addEventListener('click', async () => {
    done();
    const draft = everything(form, sender);
    const link = await linkOf(draft);
    if (link.length <= LONGEST) return show(link, 'It carries configuration, request and saved requests in itself; nothing is kept on the server.');
    const reason = await snapshot(draft);
    if (reason) await show(link, `It is ${link.length} characters long, which not every program takes; a snapshot was not kept: ${reason}.`);
  });
}
