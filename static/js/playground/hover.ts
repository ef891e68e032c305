// What stands under the pointer, or at the cursor, means: from the API, as text and never as markup.

import {Prec, StateEffect, StateField, type Extension} from '@codemirror/state';
import {EditorView, hoverTooltip, keymap, showTooltip, type Tooltip} from '@codemirror/view';
import {LARGEST, ask, position} from './ask';
import {range, written, type Place} from './places';

interface Hover {
  place: Place;
  path: string;
  type: string;
  doc: string;
  default: string;
  required: boolean;
  choices: {value: string; doc: string}[];
  notes: string[];
}

const show = StateEffect.define<Tooltip | null>();

// The tooltip that was asked for by keyboard; typing and moving take it away.
const shown = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : tooltip;
  },
  provide: (field) => showTooltip.from(field),
});

export function hover(url: string, world: () => string): Extension {
  const tooltip = async ({state}: EditorView, at: number): Promise<Tooltip | null> => {
    if (state.doc.length > LARGEST) return null;
    const answer = await ask<{hover: Hover | null}>(url, {text: state.doc.toString(), world: world(), ...position(state, at)});
    if (!answer?.hover) return null;
    const hover = answer.hover;
    const {from, to} = range(state.doc, written(hover.place));
    return {pos: from, end: to, above: true, create: () => ({dom: words(hover)})};
  };
  const explain = (view: EditorView) => {
    const state = view.state;
    void tooltip(view, state.selection.main.head).then((found) => {
      if (view.state.doc === state.doc) view.dispatch({effects: show.of(found)});
    });
    return true;
  };
  const hide = (view: EditorView) => {
    if (!view.state.field(shown)) return false;
    view.dispatch({effects: show.of(null)});
    return true;
  };
  // Before the keys of the editor itself, which select the surrounding node by this one.
  const keys = Prec.high(keymap.of([{key: 'Mod-i', preventDefault: true, run: explain}, {key: 'Escape', run: hide}]));
  return [shown, keys, hoverTooltip(tooltip, {hoverTime: 350})];
}

function words(hover: Hover): HTMLElement {
  const box = document.createElement('div');
  box.className = 'cm-explained';
  box.setAttribute('role', 'status');
  const add = (name: string, text: string, into: HTMLElement = box) => {
    const element = document.createElement(name);
    element.textContent = text;
    into.append(element);
    return element;
  };
  const head = add('div', '');
  add('strong', hover.path, head);
  add('span', ` ${hover.type}${hover.required ? ' · required' : ''}${hover.default ? ` · default ${hover.default}` : ''}`, head);
  if (hover.doc) add('div', hover.doc);
  for (const note of hover.notes) add('div', note).className = 'cm-explained-note';
  if (hover.choices.length > 0) {
    const list = add('dl', '');
    for (const choice of hover.choices) {
      add('dt', choice.value, list);
      add('dd', choice.doc, list);
    }
  }
  return box;
}
