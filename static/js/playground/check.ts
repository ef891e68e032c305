// Marks at the exact spot, from the API.

import type {Action, Diagnostic} from '@codemirror/lint';
import type {Text} from '@codemirror/state';
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
// Above this size a check on every pause costs more than it helps; sending still says everything.
const LARGEST = 512 * 1024;

export async function check(url: string, doc: Text, question: Question): Promise<Diagnostic[]> {
  if (doc.length > LARGEST) return [];
  let report;
  try {
    const body = JSON.stringify({text: doc.toString(), ...question});
    const response = await fetch(url, {method: 'POST', headers: {'content-type': 'application/json'}, body});
    // A busy server says so when the request is sent; the editor stays quiet.
    if (!response.ok) return [];
    report = await response.json();
  } catch {
    return [];
  }
  return (report.files[0]?.findings ?? []).map((finding: Finding): Diagnostic => {
    const {from, to} = range(doc, written(finding.place));
    const actions: Action[] = finding.fix ? [fix(finding.fix)] : [];
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

function fix(fix: {place: Place; replacement: string}): Action {
  const first = fix.replacement.trim().split('\n')[0] ?? '';
  return {
    name: first ? `Write ${first.length > 40 ? `${first.slice(0, 40)}…` : first}` : 'Take it out',
    apply: (view) => view.dispatch({changes: {...range(view.state.doc, written(fix.place)), insert: fix.replacement}}),
  };
}
