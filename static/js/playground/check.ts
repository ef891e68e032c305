// Marks at the exact spot, from the API.

import type {Action, Diagnostic} from '@codemirror/lint';
import type {Text} from '@codemirror/state';
import {LARGEST, ask} from './ask';
import {range, type Place, written} from './places';

interface Finding {
  stage: string;
  level: 'Error' | 'Warning' | 'Info';
  code: string | null;
  message: string;
  why: string | null;
  rule: string | null;
  place: Place;
  fix: {place: Place; replacement: string} | null;
}

// What is asked of the API besides the text.
export interface Question {
  switches: object;
  world: string;
  hints: boolean;
}

const severities = {Error: 'error', Warning: 'warning', Info: 'info'} as const;

// An answer that a newer question has overtaken is dropped.
let last: AbortController | undefined;

export async function check(url: string, doc: Text, question: Question): Promise<Diagnostic[]> {
  last?.abort();
  if (doc.length > LARGEST) return [];
  const controller = (last = new AbortController());
  const report = await ask<{files: {findings: Finding[]}[]}>(url, {text: doc.toString(), ...question}, controller.signal);
  if (!report || controller.signal.aborted) return [];
  return (report.files[0]?.findings ?? []).map((finding): Diagnostic => {
    const {from, to} = range(doc, written(finding.place));
    const actions: Action[] = finding.fix ? [fix(finding.fix, doc, from)] : [];
    const severity = finding.stage === 'hint' ? 'info' : severities[finding.level];
    return {from, to: Math.max(to, Math.min(from + 1, doc.length)), severity, message: finding.message, renderMessage: () => words(finding), actions};
  });
}

// What, why it matters, and the way to the page of the code.
function words(finding: Finding): Node {
  const box = document.createElement('div');
  const add = (name: string, text: string) => {
    const element = document.createElement(name);
    element.textContent = text;
    box.append(element);
    return element;
  };
  add('div', finding.message);
  if (finding.why) add('small', finding.why);
  if (finding.rule && finding.code) {
    const link = add('a', finding.code) as HTMLAnchorElement;
    link.href = finding.rule;
  }
  return box;
}

// The mark has moved since by what was typed before it; a text that is another one by now is left alone.
function fix(fix: {place: Place; replacement: string}, doc: Text, mark: number): Action {
  const {from, to} = range(doc, written(fix.place));
  const old = doc.sliceString(from, to);
  const first = fix.replacement.trim().split('\n')[0] ?? '';
  return {
    name: first ? `Write ${first.length > 40 ? `${first.slice(0, 40)}…` : first}` : 'Take it out',
    apply(view, now) {
      const [start, end] = [from + now - mark, to + now - mark];
      if (start < 0 || end > view.state.doc.length || view.state.sliceDoc(start, end) !== old) return;
      view.dispatch({changes: {from: start, to: end, insert: fix.replacement}, userEvent: 'input.fix'});
    },
  };
}
