// What saved requests must come to: all of them sent at once, kept as a file, and brought in from one.

import {collect, fill, switches} from '../draft';
import {MOST, adopt, all, expectOf, nameOf, onSaved, type Saved} from '../saved';
import {fromCase, toCase, type Case} from './case';
import {download, toYaml} from './file';
import {post} from './post';
import {Row, type Verdict} from './row';

interface Report {
  holds: boolean;
  held: number;
  failed: number;
  requests: Verdict[];
}

interface RequestsFile {
  world: string;
  switches: {injection: Record<string, string>; mtls: string; outbound: string};
  requests: Case[];
}

const LARGEST = 512 * 1024;

class Suite {
  private rows = new Map<string, Row>();
  private last?: AbortController;

  constructor(private form: HTMLFormElement, private box: HTMLDetailsElement, private say: (text: string) => void) {
    this.part('[data-suite]').hidden = false;
    this.on('run', () => void this.run());
    this.on('download', () => this.download());
    const input = this.part<HTMLInputElement>('[data-suite-input]');
    this.on('open', () => input.click());
    input.addEventListener('change', () => {
      void this.open([...(input.files ?? [])]);
      input.value = '';
    });
    this.takeDrops();
    form.addEventListener('playground:requests', (event) => void this.bring((event as CustomEvent<string>).detail));
    form.addEventListener('input', (event) => {
      if (!this.part('[data-suite]').contains(event.target as Node)) this.markStale();
    });
    onSaved(() => this.draw());
    this.draw();
  }

  private part<T extends HTMLElement = HTMLElement>(css: string): T {
    return this.box.querySelector(css) as T;
  }

  private on(name: string, run: () => void) {
    this.part(`[data-suite-${name}]`).addEventListener('click', run);
  }

  private draw() {
    const saved = all();
    const rows = saved.map((one): [string, Row] => [one.name, new Row(one, (expect) => this.edited(one.name, expect))]);
    this.rows = new Map(rows);
    this.part('[data-suite-list]').replaceChildren(...rows.map(([, row]) => row.item));
    this.part('[data-suite-empty]').hidden = saved.length > 0;
    this.part<HTMLButtonElement>('[data-suite-run]').disabled = saved.length === 0;
    this.tell('', saved.length > 0 ? `${saved.length} saved` : 'what must come of it');
  }

  private edited(name: string, expect: string) {
    if (!expectOf(name, expect)) this.say('The browser does not keep it: its storage is full or forbidden.');
  }

  private markStale() {
    for (const {item} of this.rows.values()) if (item.matches('.is-held, .is-failed')) item.classList.add('is-stale');
  }

  // What came of all, here and in the fold's own line.
  private tell(text: string, short: string) {
    const count = this.part('[data-suite-count]');
    if (count.textContent !== text) count.textContent = text;
    const aside = this.box.querySelector('[data-expect-count]');
    if (aside) aside.textContent = short;
  }

  private cases(saved: Saved[]): Case[] {
    const form = collect(this.form);
    return saved.map((one) => toCase(one, form));
  }

  private async run() {
    this.last?.abort();
    const controller = (this.last = new AbortController());
    const {yaml: text, world} = collect(this.form);
    this.tell('Sending…', 'sending…');
    const answer = await post<Report>('/api/v1/expect', {text, world, switches: switches(this.form), requests: this.cases(all())}, controller.signal);
    if (controller.signal.aborted) return;
    if (!answer.ok) return this.tell(`✕ Nothing was sent: ${answer.why}.`, 'not sent');
    const {held, failed, requests} = answer.value;
    for (const verdict of requests) this.rows.get(verdict.name)?.show(verdict);
    const silent = requests.length - held - failed;
    const rest = silent > 0 ? `, · ${silent} of which nothing is expected` : '';
    this.tell(`${failed > 0 ? '✕' : '✓'} ${held} as expected, ${failed} not${rest}`, `${held} of ${held + failed} as expected`);
  }

  private download() {
    const saved = all();
    const present = collect(this.form);
    const own = {name: nameOf('', present), request: present};
    // Without these two the terminal would refuse the whole file.
    const cases = this.cases(saved.length > 0 ? saved : [own]).filter(({from, url}) => from && url);
    const text = toYaml(cases, {world: present.world ?? '', switches: switches(this.form)}, location.origin);
    download('requests.yaml', text);
    this.say('requests.yaml holds the requests and what they must come to; meshwright send --requests runs it.');
  }

  private async open(files: File[]) {
    for (const file of files.slice(0, 1)) {
      if (file.size > LARGEST) return this.say(`${file.name} is larger than 512 KB.`);
      await this.bring(await file.text());
    }
  }

  // A file's requests become saved ones.
  private async bring(text: string) {
    this.box.open = true;
    const answer = await post<RequestsFile>('/api/v1/requests', {text});
    if (!answer.ok) return this.tell(`✕ The file was not taken: ${answer.why}.`, 'file not taken');
    const {world, switches: set, requests} = answer.value;
    const taken: string[] = [];
    const saved = requests.map(fromCase).map((one) => ({...one, name: this.free(one.name, taken)}));
    const draft = {...(world ? {world} : {}), mtls: set.mtls, outbound: set.outbound};
    const isKnown = [...this.form.querySelectorAll<HTMLOptionElement>('[name=world] option')].some((option) => option.value === world);
    if (isKnown || !world) fill(this.form, {...draft, ...Object.fromEntries(Object.entries(set.injection).map(([name, mode]) => [`injection.${name}`, mode]))});
    const left = adopt(saved);
    const elsewhere = world && !isKnown ? ` They were made in the world “${world}”, which is not here.` : '';
    const note = (left > 0 ? ` ${left} older ones had no room: a browser keeps ${MOST}.` : '') + elsewhere;
    this.tell(`${saved.length} ${saved.length === 1 ? 'request is' : 'requests are'} taken from the file.${note}`, `${all().length} saved`);
  }

  // Requests are known by their names.
  private free(wanted: string, taken: string[]): string {
    const plain = wanted.trim().slice(0, 74) || 'request';
    let name = plain;
    for (let number = 2; taken.includes(name); number++) name = `${plain} ${number}`;
    taken.push(name);
    return name;
  }

  private takeDrops() {
    const mark = (is: boolean) => this.box.classList.toggle('is-dropping', is);
    this.box.addEventListener('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      mark(true);
    });
    this.box.addEventListener('dragleave', () => mark(false));
    this.box.addEventListener('drop', (event) => {
      mark(false);
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      void this.open([...event.dataTransfer.files]);
    });
  }
}

export function connectExpectations(form: HTMLFormElement, say: (text: string) => void) {
  const box = form.querySelector<HTMLDetailsElement>('[data-expect]');
  const own = form.elements.namedItem('expect');
  if (!box || !(own instanceof HTMLTextAreaElement)) return;
  new Suite(form, box, say);
  box.querySelector('[data-take]')?.addEventListener('click', (event) => {
    event.preventDefault();
    const taken = form.querySelector<HTMLElement>('#taken')?.dataset.taken;
    if (!taken) return say('Nothing has come yet: send the request first.');
    own.value = taken;
    own.dispatchEvent(new Event('input', {bubbles: true}));
    own.focus();
    say('What came is expected from now on.');
  });
}
