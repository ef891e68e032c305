// One saved request with what must come of it, and what came.

import type {Saved} from '../saved';

export interface Verdict {
  name: string;
  holds: boolean | null;
  answer: string | null;
  error: string | null;
  expectations: {line: string; holds: boolean; came: string}[];
}

const element = <K extends keyof HTMLElementTagNameMap>(tag: K, className: string, text = ''): HTMLElementTagNameMap[K] =>
  Object.assign(document.createElement(tag), {className, textContent: text});

export class Row {
  readonly item = element('li', 'suite-item');
  readonly field = element('textarea', 'code');
  private verdict = element('p', 'suite-verdict');
  private lines = element('ul', 'verdict-lines');

  constructor({name, request}: Saved, onEdited: (expect: string) => void) {
    this.field.rows = 2;
    this.field.value = request.expect ?? '';
    this.field.spellcheck = false;
    this.field.placeholder = '200 from reviews-v2';
    this.field.setAttribute('autocapitalize', 'off');
    this.field.setAttribute('aria-label', `Expectations of “${name}”`);
    this.field.addEventListener('input', () => {
      this.item.classList.add('is-stale');
      onEdited(this.field.value);
    });
    const left = element('div', 'suite-name', name);
    left.append(this.verdict);
    this.item.append(left, this.field, this.lines);
  }

  show({holds, answer, error, expectations}: Verdict) {
    this.item.classList.remove('is-stale');
    this.item.classList.toggle('is-held', holds === true);
    this.item.classList.toggle('is-failed', holds === false);
    const [mark, word] = holds === null ? ['·', 'nothing expected'] : holds ? ['✓', 'as expected'] : ['✕', error ? 'not sent' : 'not as expected'];
    this.verdict.textContent = `${mark} ${word}: ${answer ?? error ?? ''}`;
    this.lines.replaceChildren(...expectations.map(({line, holds, came}) => {
      const row = element('li', holds ? 'line-holds' : 'line-fails');
      const sign = element('span', 'line-mark', holds ? '✓' : '✕');
      sign.setAttribute('aria-hidden', 'true');
      row.append(sign, ' ', element('span', 'line-word', holds ? 'holds' : 'does not hold'), ' ', element('code', '', line), ' ', element('span', 'line-came', came));
      return row;
    }));
  }
}
