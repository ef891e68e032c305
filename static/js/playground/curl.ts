// A request as a curl command, and a curl command as a request.

export interface CurlRequest {
  method: string;
  url: string;
  // `name: value`, as curl is given them.
  headers: string[];
  showsCertificate: boolean;
}

// Options that take an argument and say nothing about the request itself.
const PASSED_OVER = new Set(['-o', '--output', '-w', '--write-out', '-m', '--max-time', '--connect-timeout', '--retry', '--resolve', '--connect-to', '--cacert', '--capath', '--key', '--cert-type', '-x', '--proxy', '-c', '--cookie-jar', '--limit-rate', '--interface', '-T', '--upload-file', '-F', '--form', '--retry-delay', '--dns-servers', '-K', '--config']);
const WITH_BODY = new Set(['-d', '--data', '--data-raw', '--data-ascii', '--data-binary', '--data-urlencode', '--json']);
const SHORT_WITH_ARGUMENT = 'HXdAebuomwxcTFK';

// The words of a command line as a POSIX shell would split them.
export function words(line: string): string[] {
  const out: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    if (character === "'") {
      const end = line.indexOf("'", at + 1);
      word = (word ?? '') + line.slice(at + 1, end < 0 ? line.length : end);
      at = end < 0 ? line.length : end;
    } else if (character === '"') {
      word ??= '';
      for (at++; at < line.length && line[at] !== '"'; at++) {
        if (line[at] === '\\' && /["\\$`\n]/.test(line[at + 1] ?? '')) at++;
        if (line[at] !== '\n' || line[at - 1] !== '\\') word += line[at];
      }
    } else if (character === '\\') {
      at++;
      if (line[at] !== '\n') word = (word ?? '') + (line[at] ?? '');
    } else if (/\s/.test(character)) {
      if (word !== null) out.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  if (word !== null) out.push(word);
  return out;
}

// Options as curl reads them: `-XPOST`, `--request=POST` and `-sS` are what they look like.
function* options(all: string[]): Generator<{option: string; next: () => string}> {
  for (let at = 0; at < all.length; at++) {
    const word = all[at] ?? '';
    const next = () => all[++at] ?? '';
    if (!word.startsWith('-') || word === '-') yield {option: '', next: () => word};
    else if (word.startsWith('--')) {
      const [option = '', value] = word.includes('=') ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word];
      yield {option, next: value === undefined ? next : () => value};
    } else {
      for (let letter = 1; letter < word.length; letter++) {
        const option = `-${word[letter]}`;
        const rest = word.slice(letter + 1);
        const takes = SHORT_WITH_ARGUMENT.includes(word[letter] ?? '');
        yield {option, next: takes && rest ? () => rest : next};
        if (takes) break;
      }
    }
  }
}

// None where the text is no curl command with a URL.
export function parseCurl(text: string): CurlRequest | null {
  const [command, ...rest] = words(text.trim());
  if (command !== 'curl') return null;
  const request: CurlRequest = {method: '', url: '', headers: [], showsCertificate: false};
  let implied = 'GET';
  for (const {option, next} of options(rest)) {
    if (option === '') request.url ||= next();
    else if (option === '-X' || option === '--request') request.method = next();
    else if (option === '-H' || option === '--header') request.headers.push(next());
    else if (option === '-A' || option === '--user-agent') request.headers.push(`user-agent: ${next()}`);
    else if (option === '-e' || option === '--referer') request.headers.push(`referer: ${next()}`);
    else if (option === '-b' || option === '--cookie') request.headers.push(`cookie: ${next()}`);
    else if (option === '-u' || option === '--user') request.headers.push(`authorization: Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(next())))}`);
    else if (option === '--url') request.url ||= next();
    else if (option === '-E' || option === '--cert') {
      next();
      request.showsCertificate = true;
    } else if (option === '-I' || option === '--head') implied = 'HEAD';
    else if (option === '-G' || option === '--get') implied = 'GET';
    else if (WITH_BODY.has(option)) {
      next();
      implied = 'POST';
    } else if (PASSED_OVER.has(option)) next();
  }
  if (!request.url) return null;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(request.url)) request.url = `http://${request.url}`;
  request.method ||= implied;
  return request;
}

const quoted = (text: string) => (/^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export function toCurl({method, url, headers, showsCertificate}: CurlRequest): string {
  const parts = ['curl'];
  if (method && method.toUpperCase() === 'HEAD') parts.push('-I');
  else if (method && method.toUpperCase() !== 'GET') parts.push('-X', quoted(method.toUpperCase()));
  for (const header of headers) parts.push('-H', quoted(header));
  if (showsCertificate) parts.push('--cert', 'client.pem');
  parts.push(quoted(url));
  return parts.join(' ');
}
