// Bundles the front end: `node static/build.mjs <folder>`.
//
// Writes hashed files, `.br` and `.gz` beside those that shrink, and `manifest.txt`: a line `name <TAB> file <TAB> media type` each.
// Knows nothing of Rust; build.rs turns the manifest into code.

import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {basename, dirname, extname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import {build} from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) {
  console.error('usage: node static/build.mjs <folder>');
  process.exit(2);
}

const types = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const entries = ['js/theme.ts', 'js/app.ts', 'js/playground.ts', 'css/app.css', 'css/playground.css'].map((entry) => join(here, entry)).filter(existsSync);

const result = await build({
  entryPoints: entries,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: out,
  entryNames: '[name]',
  format: 'iife',
  target: ['es2022', 'chrome105', 'firefox104', 'safari15.6'],
  // Notices of what is bundled are gathered in licences.txt instead.
  legalComments: 'none',
  loader: {'.svg': 'dataurl'},
  logLevel: 'warning',
});

rmSync(out, {recursive: true, force: true});
mkdirSync(out, {recursive: true});
const manifest = [];

function emit(name, contents) {
  const extension = extname(name);
  const type = types[extension];
  if (!type) throw new Error(`${name}: no media type is known for ${extension}, add it to static/build.mjs`);
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 12);
  const file = `${basename(name, extension)}-${hash}${extension}`;
  writeFileSync(join(out, file), contents);
  manifest.push(`${name}\t${file}\t${type}`);
  if (extension === '.png') return;
  const packed = {
    br: brotliCompressSync(contents, {params: {[constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: contents.length}}),
    gz: gzipSync(contents, {level: 9}),
  };
  for (const [suffix, bytes] of Object.entries(packed)) {
    if (bytes.length < contents.length * 0.95) writeFileSync(join(out, `${file}.${suffix}`), bytes);
  }
}

// The packages that ended up in a bundle, each with its licence as it wants to be passed on.
function licences() {
  const packages = new Set();
  for (const input of Object.keys(result.metafile.inputs)) {
    const match = input.match(/(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (match) packages.add(match[1]);
  }
  const root = join(here, '..', 'node_modules');
  return [...packages].sort().map((name) => {
    const folder = join(root, name);
    const {version, license} = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const notice = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    return `${name} ${version} (${license})\n\n${notice ? readFileSync(join(folder, notice), 'utf8').trim() : ''}\n`;
  }).join('\n----\n\n');
}

for (const file of result.outputFiles) emit(basename(file.path), Buffer.from(file.contents));
emit('licences.txt', Buffer.from(licences()));
const images = join(here, 'images');
for (const image of existsSync(images) ? readdirSync(images).sort() : []) emit(image, readFileSync(join(images, image)));
writeFileSync(join(out, 'manifest.txt'), manifest.sort().join('\n') + '\n');
