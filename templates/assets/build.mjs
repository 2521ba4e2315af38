// npm run build: src/** and the templates' class names → dist/: hashed, precompressed (br, gz), named in manifest.json.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

process.chdir(dirname(fileURLToPath(import.meta.url)));
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist', { recursive: true });
mkdirSync('.tmp', { recursive: true });

const manifest = {};

/** Writes a file under a name that holds the hash of its content. */
function emit(name, text) {
  const [stem, extension] = name.split('.');
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
  manifest[name] = `${stem}-${hash}.${extension}`;
  writeFileSync(`dist/${manifest[name]}`, text);
}

/** Tailwind inlines the font's stylesheet, so that its addresses must be put right again. */
function stylesheet() {
  execFileSync('node_modules/.bin/tailwindcss', ['-i', 'src/app.css', '-o', '.tmp/tailwind.css'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const css = readFileSync('.tmp/tailwind.css', 'utf8');
  const fonts = '../node_modules/@fontsource-variable/inter/files/';
  writeFileSync('.tmp/app.css', css.replaceAll('url(./files/', `url(${fonts}`));
}

/** One SVG with a symbol for each name in src/icons.txt; the template function `icon` refuses any other name. */
function sprite() {
  const names = readFileSync('src/icons.txt', 'utf8').split(/\s+/).filter(Boolean).sort();
  const symbols = names.map((name) => {
    const svg = readFileSync(`node_modules/lucide-static/icons/${name}.svg`, 'utf8');
    const shapes = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'));
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s+/g, ' ').trim()}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
}

stylesheet();
const result = await build({
  entryPoints: { app: 'src/app.js', style: '.tmp/app.css' },
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  outdir: 'dist',
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.woff2': 'file' },
  metafile: true,
  legalComments: 'linked',
});
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(path);
}
const boot = await build({ entryPoints: ['src/boot.js'], minify: true, write: false, target: 'es2022' });
emit('boot.js', boot.outputFiles[0].text);
emit('icons.svg', sprite());
emit('favicon.svg', readFileSync('src/favicon.svg', 'utf8'));
// documents are set in whole fonts, which the web's subsets are not
for (const weight of ['400Regular', '600SemiBold']) {
  copyFileSync(`node_modules/@expo-google-fonts/inter/${weight}/Inter_${weight}.ttf`, `dist/Inter_${weight}.ttf`);
}
writeFileSync('dist/manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);

for (const file of readdirSync('dist').filter((name) => /\.(js|css|svg)$/.test(name))) {
  const bytes = readFileSync(`dist/${file}`);
  const gz = gzipSync(bytes, { level: 9 });
  const br = brotliCompressSync(bytes);
  writeFileSync(`dist/${file}.gz`, gz);
  writeFileSync(`dist/${file}.br`, br);
  console.log(`${file.padEnd(28)} ${String(bytes.length).padStart(8)}  gz ${String(gz.length).padStart(7)}  br ${br.length}`);
}
