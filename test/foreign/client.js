// A client for Node, by its standard library alone: node client.js PORT.  What
// it prints is in test/foreign/expected.
'use strict';

const net = require('node:net');

const PING = 0, TEXT = 2, OPEN = 3, EXCHANGE = 4;
const EACH = 3, BYTE = 2, WINDOW = 65536, WAIT_MS = 5000;
const NO_CONTEXT = words(0, 0);

function words(...numbers) {
	const bytes = Buffer.alloc(4 * numbers.length);
	numbers.forEach((number, i) => bytes.writeUInt32BE(number, 4 * i));
	return bytes;
}

function hyper(number) {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(BigInt(number));
	return bytes;
}

function padding(size) {
	return (4 - size % 4) % 4;
}

function opaque(data) {
	return Buffer.concat(
		[words(data.length), data, Buffer.alloc(padding(data.length))]);
}

class Server {
	constructor(port) {
		this.socket = net.connect(port, '127.0.0.1');
		this.bytes = this.socket[Symbol.asyncIterator]();
		this.pending = Buffer.alloc(0);
		this.xid = 0;
	}

	async take(size) {
		const pieces = [this.pending];
		let length = this.pending.length;
		while (length < size) {
			const { value, done } = await this.bytes.next();
			if (done)
				throw new Error('the server closed');
			pieces.push(value);
			length += value.length;
		}
		const all = Buffer.concat(pieces);
		this.pending = all.subarray(size);
		return all.subarray(0, size);
	}

	// Returns the accept status, and the result.
	async call(procedure, ...args) {
		const message = Buffer.concat([
			words(++this.xid, 0, 2, 0x20726576, 1, procedure),
			words(0, 0, 0, 0), ...args]);
		this.socket.write(words(0x80000000 + message.length));
		this.socket.write(message);
		const mark = (await this.take(4)).readUInt32BE();
		const reply = await this.take(mark & 0x7fffffff);
		if (!reply.subarray(0, 12).equals(words(this.xid, 1, 0)))
			throw new Error('not a reply to the call');
		return [reply.readUInt32BE(20), reply.subarray(24)];
	}
}

function piece(sent, heard, last, texts) {
	return Buffer.concat([hyper(sent),
		words(texts.length), ...texts.map(opaque),
		words(last), hyper(heard), words(WINDOW)]);
}

// What the server takes next, the number of the answer that is next, whether
// that was the end, and the answers.
function answer(data) {
	const count = data.readUInt32BE(8);
	const texts = [];
	let at = 12;
	for (let i = 0; i < count; i++) {
		const size = data.readUInt32BE(at);
		texts.push(data.subarray(at + 4, at + 4 + size));
		at += 4 + size + padding(size);
	}
	const end = data.readUInt32BE(at + 16);
	if (end && data.readUInt32BE(at + 20))
		throw new Error('the stream has failed');
	return { taken: Number(data.readBigUInt64BE(at + 4)),
		heard: Number(data.readBigUInt64BE(0)) + count, end, texts };
}

async function text(server, size) {
	const data = Buffer.alloc(size);
	for (let i = 0; i < size; i++)
		data[i] = i % 251;
	const [status, result] =
		await server.call(TEXT, NO_CONTEXT, words(BYTE), opaque(data));
	if (status)
		return `accept status ${status}`;
	const expect = Buffer.concat(
		[words(0), opaque(data.reverse()), words(0)]);
	return result.equals(expect) ? 'reversed' : 'not reversed';
}

async function each(server, texts) {
	const [, opened] = await server.call(OPEN, NO_CONTEXT, Buffer.alloc(16),
		words(EACH, BYTE, 0, 0), piece(0, 0, 0, []), words(0));
	if (opened.readUInt32BE())
		throw new Error('the stream was refused');
	let now = answer(opened.subarray(24));
	let found = now.texts;
	while (!now.end) {
		const [, result] = await server.call(
			EXCHANGE, opened.subarray(4, 20),
			piece(now.taken, now.heard, 1, texts.slice(now.taken)),
			words(WAIT_MS, 0));
		if (result.readUInt32BE())
			throw new Error('the exchange was refused');
		now = answer(result.subarray(4));
		found = found.concat(now.texts);
	}
	return found.join(' ');
}

async function main() {
	const server = new Server(Number(process.argv[2]));
	const [status] = await server.call(PING);
	console.log(`ping: ${status ? status : 'answered'}`);
	for (const size of [0, 65536, 1048576, 1048577])
		console.log(`text of ${size}: ${await text(server, size)}`);
	const texts = ['one', 'two', 'three'].map((it) => Buffer.from(it));
	console.log(`each: ${await each(server, texts)}`);
	server.socket.destroy();
}

main();
