// Strings of grapheme clusters as ICU sees them: every scalar value in front of
// and behind others, and random strings, many more than vectors.txt has.
//
//	node test/unit/text/oracle.mjs strings	code points, one string a line
//	node test/unit/text/oracle.mjs clusters	the same with boundaries
//
// The exit status is 77 where the ICU of this node is older than Unicode 17.0.

if (Number.parseFloat(process.versions.unicode) < 17) {
	process.stderr.write(
	    `this node has Unicode ${process.versions.unicode}\n`);
	process.exit(77);
}

let seed = 7n;
function below(bound) {
	seed = (seed * 6364136223846793005n + 1442695040888963407n) &
	    0xffffffffffffffffn;
	return Number((seed >> 33n) % BigInt(bound));
}

const neighbours = [0x61, 0x300, 0x200d, 0x94d, 0x1f1e6, 0x600, 0x903, 0x1100,
	0x1160, 0x11a8, 0xac00, 0x231a, 0x915, 0xd];

function* strings() {
	for (let point = 0; point < 0x110000; point++) {
		if (point >= 0xd800 && point < 0xe000)
			continue;
		// Unassigned planes are sampled.
		if (point > 0x30000 && point < 0xe0000 && point % 64 !== 0)
			continue;
		if (point > 0xe1000 && point % 64 !== 0)
			continue;
		yield neighbours.flatMap((other) => [other, point]);
		yield [0x231a, point, 0x200d, 0x231a, 0x915, point, 0x94d,
			point, 0x915, 0x915, 0x94d, point];
	}
	for (let i = 0; i < 100000; i++)
		yield Array.from({ length: 2 + below(30) }, () =>
		    below(4) > 0 ? neighbours[below(neighbours.length)] :
			below(0xd800));
}

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
const hex = (point) => point.toString(16).toUpperCase().padStart(4, '0');

function clusters(string) {
	const text = String.fromCodePoint(...string);
	const starts = new Set();
	for (const { index } of segmenter.segment(text))
		starts.add(index);
	let out = '';
	let at = 0;
	for (const point of string) {
		out += `${starts.has(at) ? '÷' : '×'} ${hex(point)} `;
		at += point > 0xffff ? 2 : 1;
	}
	return `${out}÷`;
}

const format = process.argv[2] === 'strings' ?
    (string) => string.map(hex).join(' ') : clusters;
let page = [];
for (const string of strings()) {
	page.push(format(string));
	if (page.length === 4096) {
		process.stdout.write(`${page.join('\n')}\n`);
		page = [];
	}
}
process.stdout.write(`${page.join('\n')}\n`);
