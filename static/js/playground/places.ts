// Places in the text, written line:column-line:column with columns in characters, and the links between them and the page.

import type {Text} from '@codemirror/state';
import type {Editor} from './editor';

export interface Place {
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}

export function written(place: Place): string {
  return `${place.line}:${place.column}-${place.end_line}:${place.end_column}`;
}

function parse(place: string): Place {
  const [line = 1, column = 1, end_line = line, end_column = column] = place.split(/[:-]/).map(Number);
  return {line, column, end_line, end_column};
}

// Offsets in the editor, which counts UTF-16 units: a character outside the basic plane counts twice there.
export function range(doc: Text, place: string): {from: number; to: number} {
  const {line, column, end_line, end_column} = parse(place);
  const offset = (number: number, column: number) => {
    const text = doc.line(Math.min(Math.max(number, 1), doc.lines));
    return text.from + [...text.text].slice(0, column - 1).join('').length;
  };
  const from = offset(line, column);
  return {from, to: Math.max(from, offset(end_line, end_column))};
}

// Narrow screens show one block at a time.
function reveal(form: HTMLElement, view: string) {
  const radio = form.querySelector<HTMLInputElement>(`.views [value="${view}"]`);
  if (radio) radio.checked = true;
}

export function connectPlaces(form: HTMLElement, editor: Editor) {
  form.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLElement>('a.place');
    const place = link?.closest<HTMLElement>('[data-place]')?.dataset.place;
    if (!place) return;
    event.preventDefault();
    reveal(form, 'yaml');
    editor.select(place);
  });
  editor.onLine = (line) => {
    let first: HTMLElement | null = null;
    let smallest = Infinity;
    const steps = [...form.querySelectorAll<HTMLElement>('.step[data-place], .finding[data-place], .config-row [data-place]')];
    const sizes = steps.map((step) => {
      const place = parse(step.dataset.place ?? '');
      const holds = place.line <= line && line <= place.end_line;
      const size = holds ? place.end_line - place.line : Infinity;
      smallest = Math.min(smallest, size);
      return size;
    });
    // The innermost: a click on a match means the rule, not the whole resource.
    steps.forEach((step, at) => {
      const is = smallest < Infinity && sizes[at] === smallest;
      step.classList.toggle('is-current', is);
      if (is && step.offsetParent) first ??= step;
    });
    (first as HTMLElement | null)?.scrollIntoView({block: 'nearest'});
  };
}
