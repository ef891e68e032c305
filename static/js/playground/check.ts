// Marks at the exact spot, from the API.

import type {Action, Diagnostic} from '@codemirror/lint';
import type {Text} from '@codemirror/state';
import {range, type Place, written} from './places';

interface Finding {
  stage: string;
  level: 'Error' | 'Warning' | 'Info';
  message: string;
  place: Place;
  fix: {place: Place; replacement: string} | null;
}

const severities = {Error: 'error', Warning: 'warning', Info: 'info'} as const;
// Above this size a check on every pause costs more than it helps; sending still says everything.
const LARGEST = 512 * 1024;

export async function check(url: string, doc: Text): Promise<Diagnostic[]> {
  if (doc.length > LARGEST) return [];
  let report;
  try {
    const response = await fetch(url, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({text: doc.toString()})});
    // A busy server says so when the request is sent; the editor stays quiet.
    if (!response.ok) return [];
    report = await response.json();
  } catch {
    return [];
  }
  return (report.files[0]?.findings ?? []).map((finding: Finding): Diagnostic => {
    const {from, to} = range(doc, written(finding.place));
    const actions: Action[] = finding.fix ? [fix(finding.fix)] : [];
    return {from, to: Math.max(to, Math.min(from + 1, doc.length)), severity: severities[finding.level], source: finding.stage, message: finding.message, actions};
  });
}

function fix(fix: {place: Place; replacement: string}): Action {
  return {
    name: `Write ${fix.replacement}`,
    apply: (view) => view.dispatch({changes: {...range(view.state.doc, written(fix.place)), insert: fix.replacement}}),
  };
}
