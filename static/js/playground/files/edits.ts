// What can be done with files: each is one edit of the text, which one undo takes back.

import {isolateHistory} from '@codemirror/commands';
import type {ChangeSpec, TransactionSpec} from '@codemirror/state';
import type {EditorView} from '@codemirror/view';
import {UNNAMED, freeName, mark, type Section} from './sections';
import {activate, current, files} from './view';

export interface NewFile {
  name: string;
  text: string;
}

// So many characters fit into one text; the server takes as many.
const LARGEST = 1024 * 1024;

function edit(view: EditorView, changes: ChangeSpec, shown: number, rest: TransactionSpec = {}) {
  view.dispatch({changes, effects: activate.of(shown), userEvent: 'input.file', annotations: isolateHistory.of('full'), ...rest});
  view.focus();
}

const hasMark = (view: EditorView, {from, bodyFrom}: Section) => view.state.sliceDoc(from, bodyFrom).includes(mark('').trimEnd());

// Adds files behind all others and shows the first of them. Says whether there was room.
export function add(view: EditorView, added: NewFile[]): boolean {
  const {doc} = view.state;
  const {all} = view.state.field(files);
  const isBlank = doc.length < 1000 && doc.toString().trim() === '';
  const taken = isBlank ? [] : all.map((section) => section.name);
  const parts = added.map(({name, text}) => {
    const own = freeName(name, taken);
    taken.push(own);
    const lines = text.replaceAll('\r\n', '\n').replace(/^\uFEFF/, '');
    return {head: mark(own), text: lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`};
  });
  const [first] = parts;
  if (!first) return true;
  // A text that has had no name gets one, so that the new one has something to be parted from.
  const naming = isBlank || !all[0] || hasMark(view, all[0]) ? '' : mark(UNNAMED);
  const gap = isBlank || doc.line(doc.lines).length === 0 ? '' : '\n';
  const insert = parts.map(({head, text}, number) => (isBlank && number === 0 ? '' : '---\n') + head + text).join('');
  const start = isBlank ? 0 : naming.length + doc.length + gap.length;
  if (start + insert.length > LARGEST) return false;
  const changes = isBlank ? {from: 0, to: doc.length, insert} : [{from: 0, insert: naming}, {from: doc.length, insert: gap + insert}];
  edit(view, changes, start, {selection: {anchor: start + (isBlank ? 0 : 4) + first.head.length}});
  return true;
}

export function show(view: EditorView, section: Section) {
  view.dispatch({selection: {anchor: section.bodyFrom}, effects: activate.of(section.from), scrollIntoView: true});
  view.focus();
}

export function rename(view: EditorView, wanted: string) {
  const section = current(view.state);
  const others = view.state.field(files).all.filter((other) => other !== section);
  const name = freeName(wanted, others.map((other) => other.name));
  if (name === section.name) return view.focus();
  const {doc} = view.state;
  const line = hasMark(view, section) ? doc.lineAt(Math.max(0, section.bodyFrom - 1)) : null;
  edit(view, line ? {from: line.from, to: line.to, insert: mark(name).trimEnd()} : {from: 0, insert: mark(name)}, section.from);
}

// Takes a file out of the text; the last one is emptied.
export function close(view: EditorView) {
  const {all, active} = view.state.field(files);
  const {from, to} = current(view.state);
  const next = all[active + 1] ?? all[active - 1];
  const changes = view.state.changes({from, to});
  const place = (offset: number) => Math.min(changes.mapPos(offset, 1), changes.newLength);
  edit(view, changes, next ? place(next.from) : 0, {selection: {anchor: next ? place(next.bodyFrom) : 0}});
}
