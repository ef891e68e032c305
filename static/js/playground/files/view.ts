// The editor shows one file of the text at a time; the others are there and hidden.

import {EditorState, Prec, StateEffect, StateField, type Extension, type Range, type Transaction} from '@codemirror/state';
import {Decoration, EditorView, keymap, type DecorationSet} from '@codemirror/view';
import {sections, type Section} from './sections';

export interface Files {
  all: Section[];
  // Which of them is seen.
  active: number;
}

// Shows the file that an offset lies in.
export const activate = StateEffect.define<number>();

const hidden = Decoration.replace({block: true});

function at(all: Section[], offset: number): number {
  const found = all.findIndex((section) => offset >= section.from && offset < section.to);
  return found < 0 ? all.length - 1 : found;
}

export const files = StateField.define<Files>({
  create(state) {
    const all = sections(state.doc);
    return {all, active: at(all, state.selection.main.head)};
  },
  update(value, transaction) {
    let offset = -1;
    for (const effect of transaction.effects) if (effect.is(activate)) offset = effect.value;
    if (!transaction.docChanged && offset < 0) return value;
    const all = transaction.docChanged ? sections(transaction.state.doc) : value.all;
    if (offset >= 0) return {all, active: at(all, offset)};
    // What programs do elsewhere is not shown; all other changes, undo and redo are.
    const isElsewhere = transaction.isUserEvent('input.fix') || transaction.isUserEvent('input.format');
    const place = isElsewhere ? transaction.changes.mapPos(value.all[value.active]?.bodyFrom ?? 0, -1) : transaction.state.selection.main.head;
    return {all, active: at(all, place)};
  },
});

export function current(state: EditorState): Section {
  const {all, active} = state.field(files);
  return all[active] ?? {name: '', from: 0, to: state.doc.length, bodyFrom: 0, bodyTo: state.doc.length};
}

function decorations(state: EditorState): DecorationSet {
  const {bodyFrom, bodyTo} = current(state);
  const ranges: Range<Decoration>[] = [];
  if (bodyFrom > 0 && bodyFrom <= bodyTo) ranges.push(hidden.range(0, bodyFrom - 1));
  if (bodyTo < state.doc.length) ranges.push(hidden.range(bodyTo + 1, state.doc.length));
  return Decoration.set(ranges);
}

const shown = StateField.define<DecorationSet>({
  create: decorations,
  update: (value, transaction) => (transaction.docChanged || transaction.effects.some((effect) => effect.is(activate)) ? decorations(transaction.state) : value),
  provide: (field) => [EditorView.decorations.from(field), EditorView.atomicRanges.of((view) => view.state.field(field))],
});

// A selection that somebody makes, other than by searching through all files.
const byHand = (transaction: Transaction) => transaction.isUserEvent('select') && !transaction.isUserEvent('select.search');

// Hands stay in the file that is seen: what programs and undo do may be anywhere.
const stays = [
  EditorState.changeFilter.of((transaction) => {
    if (!['input.type', 'input.paste', 'input.drop', 'delete', 'move'].some((event) => transaction.isUserEvent(event))) return true;
    const {bodyFrom, bodyTo} = current(transaction.startState);
    return [0, bodyFrom, bodyTo, transaction.startState.doc.length];
  }),
  EditorState.transactionFilter.of((transaction) => {
    if (!transaction.selection || transaction.docChanged || !byHand(transaction)) return transaction;
    const {bodyFrom, bodyTo} = current(transaction.startState);
    const {anchor, head} = transaction.selection.main;
    const clamp = (offset: number) => Math.min(Math.max(offset, bodyFrom), bodyTo);
    if (clamp(anchor) === anchor && clamp(head) === head) return transaction;
    return [transaction, {selection: {anchor: clamp(anchor), head: clamp(head)}, sequential: true}];
  }),
];

// A selection that a program makes elsewhere, such as for a finding, shows its file.
const follows = EditorState.transactionExtender.of((transaction) => {
  if (!transaction.selection || byHand(transaction) || transaction.effects.some((effect) => effect.is(activate))) return null;
  const head = transaction.selection.main.head;
  const section = current(transaction.startState);
  if (transaction.docChanged || (head >= section.bodyFrom && head <= section.bodyTo)) return null;
  return {effects: activate.of(head)};
});

const selectFile = Prec.high(
  keymap.of([
    {
      key: 'Mod-a',
      run(view) {
        const {bodyFrom, bodyTo} = current(view.state);
        view.dispatch({selection: {anchor: bodyFrom, head: bodyTo}, userEvent: 'select'});
        return true;
      },
    },
  ]),
);

// The first line of the file that is seen has the number 1.
export function lineNumber(number: number, state: EditorState): string {
  const {bodyFrom} = current(state);
  return String(number - state.doc.lineAt(Math.min(bodyFrom, state.doc.length)).number + 1);
}

export const fileView: Extension = [files, shown, stays, follows, selectFile];
