/** Opening takes some tenths of a second each time: that is what it is for. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { Keystore } from './keystore.ts';

const rng = seededRng(7);
const chance = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => rng.below(256));
const PASSPHRASE = 'correct horse battery';
const KEY = { name: 'main', kind: 'bybit', apiKey: 'canary-key-ABCDWXYZ', apiSecret: 'canary-secret', savedAtMs: 1_000 } as const;

const fresh = Keystore.fresh(PASSPHRASE, chance).with(KEY)!;
const file = fresh.seal(chance);

test('what was sealed comes out again, under the passphrase and no other', () => {
	const opened = Keystore.open(file, PASSPHRASE);
	expect(opened.kind === 'open' && opened.keystore.find('main')).toEqual({
		apiKey: KEY.apiKey,
		apiSecret: KEY.apiSecret,
		kind: 'bybit',
	});
	const sentence = 'the passphrase is another one, or the file is spoilt';
	expect(Keystore.open(file, `${PASSPHRASE} `)).toEqual({ kind: 'refused', sentence });
});

test('neither the file nor anything that is printed shows a secret, and of the key only its end', () => {
	const [line] = fresh.lines;
	const shown = [file, JSON.stringify({ fresh }), String(fresh), inspect(fresh, { showHidden: true, depth: 9 })];
	for (const text of shown) expect(text).not.toContain('canary');
	expect(Buffer.from((JSON.parse(file) as { sealed: string }).sealed, 'base64').toString('latin1')).not.toContain('canary');
	expect(line).toEqual({ name: 'main', kind: 'bybit', savedAtMs: 1_000, ending: '…WXYZ' });
	expect(fresh.with({ ...KEY, apiKey: 'short' })?.lines[0]?.ending).toBe('…');
});

test('the same keys never give the same file', () => {
	expect(fresh.seal(chance)).not.toBe(file);
});

interface Shape {
	version: number;
	kdf: { N: number; salt: string };
	cipher: { nonce: string; tag: string };
	sealed: string;
}

function changed(change: (shape: Shape) => void): string {
	const shape = JSON.parse(file) as Shape;
	change(shape);
	return JSON.stringify(shape);
}

function flipped(base64: string): string {
	const bytes = Buffer.from(base64, 'base64');
	bytes[0] = (bytes[0] ?? 0) ^ 1;
	return bytes.toString('base64');
}

test('a file in which one byte is another is not opened, wherever that is', () => {
	const spoilt = [
		changed((shape) => (shape.sealed = flipped(shape.sealed))),
		changed((shape) => (shape.cipher.tag = flipped(shape.cipher.tag))),
		changed((shape) => (shape.cipher.nonce = flipped(shape.cipher.nonce))),
		changed((shape) => (shape.kdf.salt = flipped(shape.kdf.salt))),
	];
	for (const text of spoilt) expect(fresh.reopen(text).kind).toBe('refused');
	// Once under the passphrase: the salt itself is sealed along.
	expect(Keystore.open(spoilt[3] ?? '', PASSPHRASE).kind).toBe('refused');
});

test('other costs, versions and shapes are refused before anything is worked out of them', () => {
	const sentence = 'it is no keystore of this version';
	const others = [
		changed((shape) => (shape.kdf.N = 16)),
		changed((shape) => (shape.kdf.N = 2 ** 30)),
		changed((shape) => (shape.version = 2)),
		changed((shape) => (shape.cipher.tag = shape.cipher.tag.slice(0, 4))),
		'{}',
		'',
		'null',
		file.slice(0, -20),
	];
	for (const text of others) expect(Keystore.open(text, PASSPHRASE)).toEqual({ kind: 'refused', sentence });
});

test('what would be too long to be opened again is not taken in', () => {
	let keystore = fresh;
	const apiSecret = '"'.repeat(16_000);
	for (let count = 0; ; count += 1) {
		const next = keystore.with({ ...KEY, name: `key-${count}`, apiSecret });
		if (next === undefined) break;
		keystore = next;
	}
	expect(keystore.lines.length).toBeGreaterThan(20);
	expect(fresh.reopen(keystore.seal(chance)).kind).toBe('open');
	expect(keystore.without('key-0').with({ ...KEY, name: 'another', apiSecret })).toBeDefined();
});

test('whoever has opened it can follow what becomes of it, until the passphrase changes', () => {
	const renewed = fresh.with({ ...KEY, apiKey: 'canary-key-2' })!;
	const followed = fresh.reopen(renewed.seal(chance));
	expect(followed.kind === 'open' && followed.keystore.find('main')?.apiKey).toBe('canary-key-2');
	const gone = fresh.reopen(fresh.without('main').seal(chance));
	expect(gone.kind === 'open' && gone.keystore.lines).toEqual([]);
	const moved = fresh.under('another passphrase', chance).seal(chance);
	expect(fresh.reopen(moved).kind).toBe('refused');
	expect(Keystore.open(moved, 'another passphrase').kind).toBe('open');
});
