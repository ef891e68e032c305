// A text that is several files: each begins with a comment that names it, in the first line behind `---`.
//
// To everybody else it is one text: to the server, to share links, and where there is no script.

import type {Text} from '@codemirror/state';

export interface Section {
  name: string;
  // From its `---` up to the next one's.
  from: number;
  to: number;
  // What somebody sees of it: without the line that parts it from the one before and the line that names it.
  bodyFrom: number;
  bodyTo: number;
}

const MARK = /^# file: (\S(?:.{0,78}\S)?)\s*$/;
const BOUNDARY = /^---\s*$/;

// The file that a text without names is.
export const UNNAMED = 'main.yaml';

// The sections of a text, at least one, without a gap between them.
export function sections(doc: Text): Section[] {
  const starts: {name: string; from: number; mark: number; bodyFrom: number}[] = [];
  let at = 0;
  let before: {text: string; from: number} | null = null;
  for (const text of doc.iterLines()) {
    const name = text.startsWith('# file: ') ? MARK.exec(text)?.[1] : undefined;
    if (name && (before === null || BOUNDARY.test(before.text))) starts.push({name, from: before?.from ?? 0, mark: at, bodyFrom: at + text.length + 1});
    before = {text, from: at};
    at += text.length + 1;
  }
  const first = starts[0];
  if (!first || first.from > 0) starts.unshift({name: UNNAMED, from: 0, mark: 0, bodyFrom: 0});
  return starts.map(({name, from, mark, bodyFrom}, number): Section => {
    const to = starts[number + 1]?.from ?? doc.length;
    const bodyTo = number + 1 < starts.length ? to - 1 : to;
    // A file without a line of its own shows its name.
    return {name, from, to, bodyFrom: bodyFrom > bodyTo ? Math.min(mark, bodyTo) : bodyFrom, bodyTo: Math.max(bodyTo, 0)};
  });
}

// A name as it can stand in its comment: one line, no longer than that line may be, and unlike the others.
export function freeName(wanted: string, taken: string[]): string {
  const plain = [...wanted].filter((character) => character >= ' ' && character !== '\u007f').join('').trim().slice(0, 80).trim() || 'file.yaml';
  const [stem, end] = plain.includes('.') ? [plain.slice(0, plain.lastIndexOf('.')), plain.slice(plain.lastIndexOf('.'))] : [plain, ''];
  let name = plain;
  for (let number = 2; taken.includes(name); number++) name = `${stem.slice(0, 70)}-${number}${end.slice(0, 8)}`;
  return name;
}

export const mark = (name: string) => `# file: ${name}\n`;
