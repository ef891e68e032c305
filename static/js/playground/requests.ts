// Requests under a name, kept in this browser and carried by a share link; and the request as a curl command.

import {parseCurl, toCurl} from './curl';
import {REQUEST_FIELDS, fill, pick} from './draft';
import {all, nameOf, onSaved, remove as forget, save, type Saved} from './saved';

export {adoptRequests, savedRequests} from './saved';

export class Requests {
  private list: HTMLElement;
  private nameField: HTMLInputElement;

  constructor(private form: HTMLFormElement, private box: HTMLDetailsElement, private onChosen: () => void, private say: (text: string) => void) {
    this.list = box.querySelector('ul') as HTMLElement;
    this.nameField = box.querySelector('[data-save-name]') as HTMLInputElement;
    box.hidden = false;
    box.querySelector('[data-save]')?.addEventListener('click', () => this.save());
    box.querySelector('[data-curl]')?.addEventListener('click', () => void this.copy());
    this.nameField.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.save();
    });
    box.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      box.open = false;
      box.querySelector('summary')?.focus();
    });
    onSaved(() => this.show());
    this.show();
  }

  private field(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement;
  }

  private save() {
    const request = pick(this.form, REQUEST_FIELDS);
    const name = nameOf(this.nameField.value, request);
    const fault = save({name, request});
    if (fault) return this.say(fault);
    this.nameField.value = '';
    this.say(`“${name}” is saved in this browser.`);
  }

  private show() {
    const saved = all();
    this.list.replaceChildren(...saved.map((one) => this.row(one)));
    for (const count of this.box.querySelectorAll('.count')) count.textContent = String(saved.length);
  }

  private row({name}: Saved): HTMLElement {
    const row = document.createElement('li');
    const choose = document.createElement('button');
    choose.type = 'button';
    choose.className = 'saved-choose';
    choose.textContent = name;
    choose.addEventListener('click', () => {
      const request = all().find((saved) => saved.name === name)?.request ?? {};
      fill(this.form, request, REQUEST_FIELDS);
      this.box.open = false;
      this.onChosen();
    });
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.className = 'saved-remove';
    remove.textContent = '✕';
    remove.setAttribute('aria-label', `Delete “${name}”`);
    remove.addEventListener('click', () => {
      forget(name);
      this.say(`“${name}” is deleted.`);
      this.nameField.focus();
    });
    row.append(choose, remove);
    return row;
  }

  private async copy() {
    const {method = '', url = '', headers = '', token = '', certificate = ''} = pick(this.form, REQUEST_FIELDS);
    const lines = headers.split('\n').map((line) => line.trim()).filter(Boolean);
    if (token && !lines.some((line) => /^authorization\s*:/i.test(line))) lines.push('authorization: Bearer $TOKEN');
    const command = toCurl({method, url, headers: lines, showsCertificate: certificate !== ''});
    try {
      await navigator.clipboard.writeText(command);
      this.say(`Copied: ${command}`);
    } catch {
      this.say(command);
    }
  }

  // A curl command that comes into the field of the URL is taken apart. Says whether it was one.
  take(text: string): boolean {
    const request = parseCurl(text);
    if (!request) return false;
    this.field('method').value = request.method;
    this.field('url').value = request.url;
    this.field('headers').value = request.headers.join('\n');
    this.field('certificate').checked = request.showsCertificate;
    for (const name of ['method', 'url', 'headers']) this.field(name).dispatchEvent(new Event('input', {bubbles: true}));
    this.say('The curl command is taken apart: method, URL and headers are filled in.');
    return true;
  }
}

export function connectRequests(form: HTMLFormElement, onChosen: () => void, say: (text: string) => void) {
  const box = form.querySelector<HTMLDetailsElement>('[data-saved]');
  if (!box) return;
  const requests = new Requests(form, box, onChosen, say);
  const url = form.elements.namedItem('url') as HTMLInputElement;
  url.addEventListener('paste', (event) => {
    if (requests.take(event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault();
  });
  url.addEventListener('change', () => requests.take(url.value));
  proposeIssuer(form);
}

// Whoever wants a token and has not said whose gets the first issuer that the text names.
function proposeIssuer(form: HTMLFormElement) {
  const wants = form.elements.namedItem('token') as HTMLInputElement | null;
  const issuer = form.elements.namedItem('token_issuer') as HTMLInputElement | null;
  const yaml = form.elements.namedItem('yaml') as HTMLTextAreaElement | null;
  wants?.addEventListener('change', () => {
    if (!wants.checked || !issuer || issuer.value) return;
    issuer.value = /\bissuer:\s*["']?([^\s"',}]+)/.exec(yaml?.value ?? '')?.[1] ?? '';
  });
}
