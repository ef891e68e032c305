// What was sent before, by request: the server compares the next run of the same request with it.

import {collect, switches} from './draft';

// What makes a request the same one; the server compares the same fields in the same order.
const SAME = [
  'from', 'method', 'url', 'headers',
  'token', 'token_issuer', 'token_subject', 'token_audiences', 'token_claims', 'token_expired', 'token_forged',
  'certificate', 'certificate_identity', 'certificate_unknown',
];
const MOST = 20;
const LARGEST = 256 * 1024;

export class Previous {
  private kept = new Map<string, string>();

  // `page` is what the page has been computed from, where somebody has seen it.
  constructor(private form: HTMLFormElement, page: string) {
    try {
      const {request} = JSON.parse(page) as {request: string[]};
      this.kept.set(JSON.stringify(request), page);
    } catch {
      // Nothing is compared then.
    }
  }

  private request(): string[] {
    const draft = collect(this.form);
    return SAME.map((name, at) => (at < 3 ? (draft[name] ?? '').trim() : (draft[name] ?? '')));
  }

  // Of the request as it stands in the form; empty where it has not been sent.
  before(): string {
    return this.kept.get(JSON.stringify(this.request())) ?? '';
  }

  // What is being sent; to be remembered when its answer is there.
  now(): () => void {
    const {world = '', yaml = ''} = collect(this.form);
    const request = this.request();
    const text = JSON.stringify({world, yaml, ...switches(this.form), request});
    return () => {
      const key = JSON.stringify(request);
      this.kept.delete(key);
      if (text.length > LARGEST) return;
      this.kept.set(key, text);
      for (const oldest of [...this.kept.keys()].slice(0, -MOST)) this.kept.delete(oldest);
    };
  }
}
