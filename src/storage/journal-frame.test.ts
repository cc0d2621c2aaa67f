import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeFrame, linesOf, readFrames } from './journal-frame.ts';

const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => !/\n|\0$/.test(text));
const writes = fc.array(fc.array(line, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 });

function fileOf(groups: readonly (readonly string[])[], from = 1): { bytes: Buffer; ends: readonly number[] } {
	let number = from;
	const ends: number[] = [];
	const parts: Buffer[] = [];
	for (const group of groups) {
		parts.push(encodeFrame(number, group));
		number += group.length;
		ends.push((ends.at(-1) ?? 0) + (parts.at(-1)?.length ?? 0));
	}
	return { bytes: Buffer.concat(parts), ends };
}

const textOf = (bytes: Buffer, from = 1): readonly string[] =>
	readFrames(bytes, from).frames.flatMap((frame) => [...linesOf(frame)]);

describe('a journal file', () => {
	test('gives back what was written, in its order', () => {
		fc.assert(
			fc.property(writes, fc.nat(2 ** 40), (groups, from) => {
				const { bytes } = fileOf(groups, from);
				expect(textOf(bytes, from)).toEqual(groups.flat());
				expect(readFrames(bytes, from).tail).toEqual({ kind: 'whole' });
			}),
		);
	});

	test('cut anywhere, keeps the writes that are whole and calls the rest torn (F69)', () => {
		fc.assert(
			fc.property(writes, fc.nat(), (groups, drawn) => {
				const { bytes, ends } = fileOf(groups);
				const cut = drawn % bytes.length;
				const whole = ends.filter((end) => end <= cut).length;
				const read = readFrames(bytes.subarray(0, cut), 1);
				expect(read.frames.length).toBe(whole);
				expect(read.goodBytes).toBe(whole === 0 ? 0 : ends[whole - 1]);
				expect(read.tail.kind).toBe(ends.includes(cut) || cut === 0 ? 'whole' : 'torn');
			}),
		);
	});

	test('with one bit turned over, never gives back a record that was not written (F71)', () => {
		fc.assert(
			fc.property(writes, fc.nat(), fc.nat(7), (groups, drawn, bit) => {
				const { bytes, ends } = fileOf(groups);
				const at = drawn % bytes.length;
				bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
				const hit = ends.findIndex((end) => at < end);
				const { frames, tail } = readFrames(bytes, 1);
				expect(frames.length).toBe(hit);
				expect(tail.kind).toBe(hit === groups.length - 1 ? 'torn' : 'damaged');
			}),
		);
	});

	test('with a write missing in the middle, is damaged and says which record it misses', () => {
		const [one, , three] = [encodeFrame(1, ['a', 'b']), encodeFrame(3, ['c']), encodeFrame(4, ['d'])];
		const read = readFrames(Buffer.concat([one, three]), 1);
		expect(read.tail).toEqual({ kind: 'damaged', detail: `record 3 should stand at byte ${one.length}, and 4 does` });
		expect(read.goodBytes).toBe(one.length);
	});

	test('with one write spoilt, still gives what stands whole behind it, and nothing twice', () => {
		fc.assert(
			fc.property(writes, fc.nat(), (groups, drawn) => {
				const { bytes, ends } = fileOf(groups);
				const hit = drawn % groups.length;
				const at = (hit === 0 ? 0 : (ends[hit - 1] ?? 0)) + 20;
				bytes[at] = (bytes[at] ?? 0) ^ 1;
				const { beyond } = readFrames(Buffer.concat([bytes, bytes.subarray(0, ends[0])]), 1);
				expect(beyond.flatMap((frame) => [...linesOf(frame)])).toEqual(
					hit === groups.length - 1 && hit > 0 ? [] : groups.slice(hit + 1).flat(),
				);
			}),
		);
	});

	test('ends where there are only zeros behind its last write, since that is room for the next one', () => {
		const [one, two] = [encodeFrame(1, ['a']), encodeFrame(2, ['b'])];
		const read = readFrames(Buffer.concat([one, two, Buffer.alloc(4_096)]), 1);
		const end = one.length + two.length;
		expect(read).toMatchObject({ goodBytes: end, usedBytes: end, tail: { kind: 'whole' } });
	});

	test('with a write into room that is there in part, keeps the writes before it and calls the rest torn (F69)', () => {
		fc.assert(
			fc.property(writes, fc.nat(), fc.nat(), (groups, drawn, more) => {
				const { bytes, ends } = fileOf(groups);
				const start = ends.at(-2) ?? 0;
				// Of the last write any page may still be as it was.
				const from = start + (drawn % (bytes.length - start));
				bytes.fill(0, from, from + 1 + (more % (bytes.length - from)));
				const { frames, goodBytes, usedBytes, tail } = readFrames(Buffer.concat([bytes, Buffer.alloc(100)]), 1);
				const isWhole = frames.length === groups.length;
				// Where it was zeros anyway nothing is missing.
				if (isWhole) return;
				expect(frames.length).toBe(groups.length - 1);
				expect(goodBytes).toBe(start);
				expect(tail.kind).toBe(usedBytes === start ? 'whole' : 'torn');
			}),
		);
	});

	test('with a write missing between whole ones, is damaged although zeros stand in its place (F71)', () => {
		const [one, two, three] = [encodeFrame(1, ['a']), encodeFrame(2, ['b']), encodeFrame(3, ['c'])];
		expect(readFrames(Buffer.concat([one, two.fill(0), three, Buffer.alloc(50)]), 1).tail.kind).toBe('damaged');
	});

	test('takes no record that ends in a zero', () => {
		expect(() => encodeFrame(1, ['a', 'b\0'])).toThrow('ends in a zero');
	});

	test('asks for no memory because of a length that is nonsense', () => {
		const one = encodeFrame(1, ['a']);
		one.writeUInt32LE(0xffffffff, 4);
		expect(readFrames(one, 1)).toMatchObject({ frames: [], goodBytes: 0, tail: { kind: 'torn' } });
	});

	test('is not written without a record', () => {
		expect(() => encodeFrame(1, [])).toThrow(RangeError);
	});
});
