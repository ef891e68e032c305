// Sends the form and puts what comes back in its place.

import type {Editor} from './editor';
import {settle} from './draft';
import {keepOpen} from './panels';
import {Previous} from './previous';

const PARTS = ['answer', 'findings', 'from', 'world-panel'];

export class Sender {
  editor?: Editor;
  // The panel whose button was pressed last: what it computes is asked for again with every answer.
  panel = '';
  // What is under way and no longer fits what is being sent.
  onSend = () => {};
  private last?: AbortController;
  private previous: Previous;

  constructor(private form: HTMLFormElement) {
    const field = form.elements.namedItem('previous');
    this.previous = new Previous(form, field instanceof HTMLInputElement ? field.value : '');
  }

  // What stands in the form is not what the page's own answer is of, so that one is nothing to compare with.
  forget() {
    this.previous = new Previous(this.form, '');
  }

  markStale() {
    this.form.classList.add('is-stale');
    this.say('The answer is of an earlier version. Ctrl+Enter sends again.');
  }

  // `done` is what to say when the answer is there.
  async send(done = '') {
    this.last?.abort();
    this.onSend();
    const controller = (this.last = new AbortController());
    this.form.setAttribute('aria-busy', 'true');
    this.say('Sending…');
    try {
      const body = new URLSearchParams();
      this.editor?.sending();
      for (const [name, value] of new FormData(this.form)) if (typeof value === 'string') body.append(name, value);
      if (this.panel) body.append('panel', this.panel);
      body.set('previous', this.previous.before());
      const remember = this.previous.now();
      const response = await fetch(this.form.action, {method: 'POST', headers: {'hx-request': 'true'}, body, signal: controller.signal});
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      if (!page.getElementById('answer')) {
        this.say(page.body.textContent?.trim().replace(/\s+/g, ' ') || `The server answered ${response.status}.`);
        return;
      }
      this.replace(page);
      remember();
      this.editor?.judged();
      this.form.classList.remove('is-stale');
      this.say(done);
      this.editor?.check();
    } catch (error) {
      if (controller.signal.aborted) return;
      this.say('The server cannot be reached. What you typed is kept here; try again.');
    } finally {
      if (this.last === controller) this.form.removeAttribute('aria-busy');
    }
  }

  private replace(page: Document) {
    const focused = document.activeElement?.id;
    // A button of the findings goes with them: whoever pressed it by keyboard stays at the list.
    const wasAtFix = document.activeElement?.matches('#findings button') ?? false;
    for (const id of PARTS) {
      const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
      if (!old || !fresh) continue;
      // A live region must stay the same element, or its news is not read out.
      if (id === 'answer') {
        keepOpen(old, fresh);
        old.replaceChildren(...fresh.childNodes);
      } else {
        if (old instanceof HTMLDetailsElement && fresh instanceof HTMLDetailsElement) fresh.open ||= old.open;
        old.replaceWith(fresh);
      }
    }
    settle(this.form);
    const count = document.getElementById('findings')?.dataset.count ?? '0';
    for (const element of this.form.querySelectorAll('.views .count')) element.textContent = count;
    this.showFault();
    if (wasAtFix) document.getElementById('findings-heading')?.focus();
    else if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  }

  // The field that cannot be used is named by the answer.
  private showFault() {
    const fault = this.form.querySelector<HTMLElement>('[data-fault]');
    for (const field of this.form.querySelectorAll('.request [aria-invalid]:not(#from)')) field.removeAttribute('aria-invalid');
    for (const text of this.form.querySelectorAll('.request .fault')) text.remove();
    const field = fault && this.form.querySelector<HTMLElement>(`.request [name="${fault.dataset.fault}"]`);
    if (!field) return;
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', 'answer-fault');
  }

  say(text: string, more?: {words: string; href: string}) {
    const status = this.form.querySelector('[data-status]');
    if (!status || status.textContent === text) return;
    status.textContent = text;
    if (more) status.append(' ', Object.assign(document.createElement('a'), {href: more.href, textContent: more.words}));
  }
}
