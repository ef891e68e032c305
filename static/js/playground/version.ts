// Places in a text that was judged, followed through what has been typed since.

import {ChangeSet, type EditorState, type Text, type TransactionSpec} from '@codemirror/state';
import {range} from './places';

export interface Fix {
  place: string;
  replacement: string;
}

// A text at one moment, and the changes since then.
export class Version {
  private changes: ChangeSet;

  constructor(private doc: Text) {
    this.changes = ChangeSet.empty(doc.length);
  }

  follow(changes: ChangeSet) {
    this.changes = this.changes.compose(changes);
  }

  // Where a place of that text is now.
  now(place: string): {from: number; to: number} {
    const {from, to} = range(this.doc, place);
    const start = this.changes.mapPos(from, 1);
    return {from: start, to: Math.max(start, this.changes.mapPos(to, -1))};
  }

  // The replacements as one change. One whose text was typed over meanwhile is left out.
  replace(state: EditorState, fixes: Fix[]): TransactionSpec['changes'] & unknown[] {
    return fixes.flatMap(({place, replacement}) => {
      const {from, to} = range(this.doc, place);
      const now = this.now(place);
      const isUntouched = this.doc.sliceString(from, to) === state.sliceDoc(now.from, now.to);
      return isUntouched ? [{...now, insert: replacement}] : [];
    });
  }
}
