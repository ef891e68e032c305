// The file of requests that `meshwright send --requests` takes. Every text is written as JSON, which YAML reads as it is.

import type {Case} from './case';

export interface Surroundings {
  world: string;
  switches: {injection: Record<string, string>; mtls?: string; outbound?: string};
}

// JSON leaves some characters as they are that YAML has no place for.
const text = (value: unknown) =>
  JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

// A comment ends with its line.
const plain = (value: string) => value.replace(/[^\w .:/-]/g, '');

export function toYaml(cases: Case[], {world, switches}: Surroundings, origin: string): string {
  const out = [
    `# Requests and what they must come to: meshwright send -f ${plain(world)}.yaml -f mine.yaml --requests requests.yaml`,
    `# The world's objects: ${plain(origin)}/api/v1/worlds/${plain(world)}.yaml`,
    `world: ${text(world)}`,
  ];
  const set = Object.entries({injection: switches.injection, mtls: switches.mtls, outbound: switches.outbound})
    .filter(([, value]) => (typeof value === 'object' ? Object.keys(value).length > 0 : Boolean(value)));
  if (set.length > 0) out.push('switches:', ...set.map(([name, value]) => `  ${name}: ${text(value)}`));
  out.push(cases.length > 0 ? 'requests:' : 'requests: []');
  for (const {load, expect, ...fields} of cases) {
    const rows = Object.entries({...fields, ...load}).filter(([, value]) => value !== undefined && value !== null && value !== '');
    out.push(...rows.map(([name, value], at) => `${at === 0 ? '-' : ' '} ${name}: ${text(value)}`));
    if (expect && expect.length > 0) out.push('  expect:', ...expect.map((line) => `  - ${text(line)}`));
  }
  return `${out.join('\n')}\n`;
}

// Whether a text is such a file, not configuration.
export const isRequestsFile = (text: string) => /^requests\s*:/m.test(text) && !/^(kind|apiVersion)\s*:/m.test(text);

export function download(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], {type: 'application/yaml'}));
  const link = Object.assign(document.createElement('a'), {href: url, download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
