// A request of the form as the API and files take it, and back.

import type {Draft} from '../draft';
import type {Saved} from '../saved';

export interface Case {
  name: string;
  from: string;
  method?: string;
  url: string;
  headers?: string[] | Record<string, string>;
  token?: {issuer: string; subject?: string; audiences?: string[]; claims?: string[] | Record<string, unknown>; expired?: boolean; forged?: boolean} | null;
  certificate?: {identity?: string; unknown?: boolean} | null;
  load?: {repeat?: number; concurrency?: number; pause?: string; upstream_status?: string; upstream_delay?: string} | null;
  expect?: string[];
}

const lines = (text = '') => text.split('\n').map((line) => line.trim()).filter(Boolean);
// What is no number counts as one; the panel of the timeline says so.
const count = (text = '') => (/^\d{1,6}$/.test(text.trim()) ? Number(text) : 1);

// What is stated of the backends, with that of one pod behind it.
const stated = (all = '', pod = '', value = '', unset = '') => (pod ? `${all}; ${pod}=${value.trim() || unset}` : all).replace(/^[;\s]+/, '');

// `form` has what is switched for all: who fails and who is slow.
export function toCase({name, request}: Saved, form: Draft): Case {
  const {from = '', method = '', url = '', headers, token, certificate} = request;
  const result: Case = {name, from, method: method || 'GET', url};
  if (lines(headers).length > 0) result.headers = lines(headers);
  if (token) {
    result.token = {
      issuer: (request.token_issuer ?? '').trim(),
      subject: (request.token_subject ?? '').trim(),
      audiences: (request.token_audiences ?? '').split(',').map((one) => one.trim()).filter(Boolean),
      claims: lines(request.token_claims),
      expired: Boolean(request.token_expired),
      forged: Boolean(request.token_forged),
    };
  }
  if (certificate) result.certificate = {identity: (request.certificate_identity ?? '').trim(), unknown: Boolean(request.certificate_unknown)};
  const load = {
    repeat: count(request.repeat),
    concurrency: count(request.concurrency),
    pause: (request.pause ?? '').trim(),
    upstream_status: stated(request.upstream_status, form.fail, form.fail_status, '503'),
    upstream_delay: stated(request.upstream_delay, form.slow, form.slow_delay, '2s'),
  };
  if (load.repeat > 1 || load.concurrency > 1 || load.pause || load.upstream_status || load.upstream_delay) result.load = load;
  result.expect = lines(request.expect);
  return result;
}

// A claim that is text stands as it is, unless it would be read as something else.
function claim(name: string, value: unknown): string {
  if (typeof value !== 'string') return `${name}: ${JSON.stringify(value)}`;
  try {
    JSON.parse(value);
    return `${name}: ${JSON.stringify(value)}`;
  } catch {
    return `${name}: ${value}`;
  }
}

const joined = (fields: string[] | Record<string, unknown> | undefined, line: (name: string, value: unknown) => string) =>
  (Array.isArray(fields) ? fields : Object.entries(fields ?? {}).map(([name, value]) => line(name, value))).join('\n');

export function fromCase({name, from, method, url, headers, token, certificate, load, expect}: Case): Saved {
  const number = (value = 1) => (value > 1 ? String(value) : '');
  const request: Draft = {
    from: from.includes('.') || from === 'outside' ? from : `${from}.default`,
    method: method || 'GET',
    url,
    headers: joined(headers, (name, value) => `${name}: ${String(value)}`),
    token: token ? 'true' : '',
    token_issuer: token?.issuer ?? '',
    token_subject: token?.subject ?? '',
    token_audiences: (token?.audiences ?? []).join(', '),
    token_claims: joined(token?.claims, claim),
    token_expired: token?.expired ? 'true' : '',
    token_forged: token?.forged ? 'true' : '',
    certificate: certificate ? 'true' : '',
    certificate_identity: certificate?.identity ?? '',
    certificate_unknown: certificate?.unknown ? 'true' : '',
    repeat: number(load?.repeat),
    concurrency: number(load?.concurrency),
    pause: load?.pause ?? '',
    upstream_status: load?.upstream_status ?? '',
    upstream_delay: load?.upstream_delay ?? '',
    expect: (expect ?? []).join('\n'),
  };
  return {name, request};
}
