// Questions to the API while somebody writes. Where there is no answer the editor stays quiet: sending says everything.

import type {EditorState} from '@codemirror/state';

// Above this size an answer on every pause costs more than it helps.
export const LARGEST = 512 * 1024;

export async function ask<T>(url: string, body: object, signal?: AbortSignal): Promise<T | null> {
  try {
    const response = await fetch(url, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body), signal});
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}

// A place as the API counts it: from 1, in characters.
export function position(state: EditorState, at: number): {line: number; column: number} {
  const line = state.doc.lineAt(at);
  return {line: line.number, column: [...line.text.slice(0, at - line.from)].length + 1};
}
