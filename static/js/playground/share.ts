// Links that carry everything behind the `#`: compressed, never sent to a server.

import {collect, fill, type Draft} from './draft';
import {adoptRequests, savedRequests} from './requests';

const PREFIX = '#s=';

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

// Fills the form from the address, where it carries something. Says whether it did.
export async function adoptShared(form: HTMLFormElement): Promise<boolean> {
  if (!location.hash.startsWith(PREFIX)) return false;
  try {
    const bytes = await through(toBytes(location.hash.slice(PREFIX.length)), new DecompressionStream('deflate-raw'));
    const draft = JSON.parse(new TextDecoder().decode(bytes)) as Draft;
    fill(form, draft);
    adoptRequests(draft.requests);
    return true;
  } catch {
    say(form, 'This link is damaged: what it shared cannot be read. Ask for it again.');
    return false;
  }
}

export function offerSharing(form: HTMLFormElement) {
  const button = form.querySelector<HTMLButtonElement>('[data-share]');
  if (!button || !('CompressionStream' in window)) return;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const bytes = await through(new TextEncoder().encode(JSON.stringify({...collect(form), requests: savedRequests()})), new CompressionStream('deflate-raw'));
    const url = `${location.origin}${location.pathname}${PREFIX}${toText(bytes)}`;
    history.replaceState(null, '', url);
    try {
      await navigator.clipboard.writeText(url);
      say(form, 'The link is copied. It carries configuration, request and saved requests in itself; nothing is kept on the server.');
    } catch {
      say(form, 'The link is in the address bar. It carries configuration and request in itself.');
    }
  });
}

function say(form: HTMLFormElement, text: string) {
  const status = form.querySelector('[data-status]');
  if (status) status.textContent = text;
}
