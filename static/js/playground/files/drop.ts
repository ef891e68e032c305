// Files from the desktop, by dropping them on the editor or by choosing them.

import type {NewFile} from './edits';

const MOST = 50;
const LARGEST = 512 * 1024;

// The files that are text, and why the others are not taken.
export async function readFiles(list: Iterable<File>): Promise<{taken: NewFile[]; refused: string[]}> {
  const taken: NewFile[] = [];
  const refused: string[] = [];
  for (const file of list) {
    if (taken.length >= MOST) refused.push(`${file.name}: at most ${MOST} files are taken at once`);
    else if (file.size > LARGEST) refused.push(`${file.name}: it is larger than 512 KB`);
    else {
      const text = await textOf(file);
      if (text === null) refused.push(`${file.name}: it is no text in UTF-8`);
      else taken.push({name: file.name, text});
    }
  }
  return {taken, refused};
}

async function textOf(file: File): Promise<string | null> {
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(await file.arrayBuffer());
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
