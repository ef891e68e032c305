// The files above the editor: show, add, rename, close, and drop from the desktop.

import type {EditorView} from '@codemirror/view';
import {isRequestsFile} from '../expect/file';
import {add, close, rename, show} from './edits';
import {readFiles} from './drop';
import {current, files} from './view';

export interface Tabs {
  update(view: EditorView): void;
}

// Connects the line that the page has for it.
export function connectTabs(form: HTMLElement, host: HTMLElement, view: () => EditorView, say: (text: string) => void): Tabs {
  const bar = form.querySelector<HTMLElement>('[data-files]');
  const list = bar?.querySelector('ul');
  if (!bar || !list) return {update: () => {}};
  bar.hidden = false;
  const on = (name: string, run: () => void) => bar.querySelector(`[data-file-${name}]`)?.addEventListener('click', run);
  const take = async (chosen: Iterable<File>) => {
    const {taken: read, refused} = await readFiles(chosen);
    const taken = read.filter(({text}) => !isRequestsFile(text));
    // A file of requests is no configuration.
    for (const {text} of read.filter((file) => !taken.includes(file))) form.dispatchEvent(new CustomEvent('playground:requests', {detail: text}));
    const isRoom = taken.length === 0 || add(view(), taken);
    if (!isRoom) refused.unshift('All files together may have 1 MB');
    if (refused.length > 0) say(`Not taken: ${refused.slice(0, 5).join('; ')}${refused.length > 5 ? ` and ${refused.length - 5} more` : ''}.`);
    else if (taken.length > 0) say(`${taken.length === 1 ? 'One file is' : `${taken.length} files are`} added. Ctrl+Z takes that back.`);
  };
  on('add', () => void (add(view(), [{name: 'file.yaml', text: ''}]) || say('All files together may have 1 MB.')));
  on('close', () => {
    const {name} = current(view().state);
    close(view());
    say(`${name} is taken out. Ctrl+Z brings it back.`);
  });
  on('rename', () => edit(bar, list, view()));
  const input = bar.querySelector<HTMLInputElement>('[data-file-input]');
  on('open', () => input?.click());
  input?.addEventListener('change', () => {
    void take([...(input.files ?? [])]);
    input.value = '';
  });
  dropInto(host, take);
  let drawn = '';
  return {
    update(view) {
      const {all, active} = view.state.field(files);
      const key = JSON.stringify([all.map(({name}) => name), active]);
      if (key === drawn) return;
      drawn = key;
      list.replaceChildren(...all.map((section, number) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'file';
        button.textContent = section.name;
        if (number === active) button.setAttribute('aria-current', 'true');
        // The sections have moved since, so the number counts.
        button.addEventListener('click', () => {
          const now = view.state.field(files).all[number];
          if (now) show(view, now);
        });
        const item = document.createElement('li');
        item.append(button);
        return item;
      }));
      list.querySelector('[aria-current]')?.scrollIntoView({block: 'nearest', inline: 'nearest'});
    },
  };
}

// A field in the place of the name.
function edit(bar: HTMLElement, list: HTMLElement, view: EditorView) {
  const button = list.querySelector<HTMLElement>('[aria-current]');
  if (!button || bar.querySelector('.file-name')) return;
  const field = document.createElement('input');
  field.type = 'text';
  field.className = 'file-name';
  field.maxLength = 80;
  field.value = current(view.state).name;
  field.setAttribute('aria-label', 'Name of the file');
  button.replaceWith(field);
  field.focus();
  field.select();
  let isDone = false;
  const done = (isKept: boolean) => {
    if (isDone) return;
    isDone = true;
    field.replaceWith(button);
    if (isKept && field.value.trim()) rename(view, field.value);
    else view.focus();
  };
  field.addEventListener('blur', () => done(true));
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    done(event.key === 'Enter');
  });
}

function dropInto(host: HTMLElement, take: (files: Iterable<File>) => Promise<void>) {
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const mark = (is: boolean) => host.classList.toggle('is-target', is);
  // In the capture phase: the editor would paste what is dropped at the pointer.
  host.addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(true);
  }, true);
  host.addEventListener('dragleave', () => mark(false), true);
  host.addEventListener('drop', (event) => {
    mark(false);
    if (!holdsFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    void take([...(event.dataTransfer?.files ?? [])]);
  }, true);
}
