// What may stand at the cursor: fields, values and names of the cluster, from the API.

import {autocompletion, insertCompletionText, pickedCompletion, startCompletion, type Completion, type CompletionContext, type CompletionResult} from '@codemirror/autocomplete';
import type {Extension} from '@codemirror/state';
import type {EditorView} from '@codemirror/view';
import {LARGEST, ask, position} from './ask';
import {range, written, type Place} from './places';

interface Option {
  label: string;
  kind: 'field' | 'value' | 'name' | 'document';
  insert: string;
  detail: string;
  doc: string;
  required: boolean;
}

interface Answer {
  place: Place;
  options: Option[];
}

// `world` is where the text is applied.
export function completion(url: string, world: () => string): Extension {
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const {state, pos} = context;
    // By itself only behind what looks like a word.
    if (state.doc.length > LARGEST || (!context.explicit && !context.matchBefore(/[\w./*-]$/))) return null;
    const controller = new AbortController();
    context.addEventListener('abort', () => controller.abort());
    const answer = await ask<Answer>(url, {text: state.doc.toString(), world: world(), ...position(state, pos)}, controller.signal);
    if (!answer || context.aborted || answer.options.length === 0) return null;
    const {from, to} = range(state.doc, written(answer.place));
    return {from, to: Math.max(to, pos), options: answer.options.map(option), validFor: /^[\w./*-]*$/};
  };
  return autocompletion({override: [source], icons: false, activateOnTypingDelay: 150, closeOnBlur: true});
}

function option(option: Option, at: number): Completion {
  return {
    label: option.label,
    detail: option.detail,
    type: option.kind,
    // The server's order, as long as nothing is typed.
    sortText: String(at).padStart(4, '0'),
    info: option.doc ? () => info(option) : undefined,
    apply: (view, completion, from, to) => apply(view, completion, option.insert, from, to),
  };
}

function info(option: Option): Node {
  const box = document.createElement('div');
  box.textContent = option.doc;
  return box;
}

function apply(view: EditorView, completion: Completion, text: string, from: number, to: number) {
  view.dispatch({...insertCompletionText(view.state, text, from, to), annotations: pickedCompletion.of(completion)});
  // A field is followed by its value.
  if (/[ \n]$/.test(text) && completion.type !== 'document') startCompletion(view);
}

