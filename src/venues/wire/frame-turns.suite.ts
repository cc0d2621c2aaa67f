/**
 * Ways to spoil a frame a little, for fuzzing decoders: bytes changed, numbers put in that are hard to read, members moved,
 * dropped, doubled and added. What comes out is nearly right, and often still right.
 */
import fc from 'fast-check';

const NUMBERS = `0 -0 -1 00 01 1. .5 1e3 1E-7 1.50 0.1 0.10000000000000001 64999.9 64999.95 65000.000000000001 3.1000 999999999
	1000000000 999999999999999 1000000000000000 9007199254740991 9007199254740992 9007199254740993 900719925474099.1
	12345678901234567890 0.00000001 0.000000010 +1 0x10 1_000 Infinity NaN ٣`
	.split(/\s+/)
	.filter((text) => text !== '');
const VALUES = [
	...NUMBERS,
	'null',
	'true',
	'false',
	'[]',
	'{}',
	'""',
	'"x"',
	'{"a":1}',
	'[1]',
	'"\\u0031"',
	'"\\n"',
	'"ä"',
	'{"a":"b"}',
];
const BYTES = ['"', '{', '}', '[', ']', ',', ':', '\\', '.', '0', '9', '-', 'e', ' ', '\n', '\u0000', 'é', '\u007f', 's', 'S'];

export type Turn = (frame: string) => string;

export interface TurnOptions {
	/** Texts that mean something in one place and are put in others, with their quotes. */
	readonly words: readonly string[];
	/** Names that members are given in place of their own. */
	readonly names: readonly string[];
}

/** Somewhere in a frame. */
export const somewhere = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const pick = <Value>(all: readonly Value[], where: number): Value | undefined => all[Math.floor(where * all.length)];

/** Replaces one of the places where the pattern matches. */
function swap(frame: string, pattern: RegExp, where: number, text: string): string {
	const found = pick([...frame.matchAll(pattern)], where);
	return found === undefined ? frame : frame.slice(0, found.index) + text + frame.slice(found.index + found[0].length);
}

const MEMBER = /"\w+":(?:"[^"]*"|-?[\d.]+|true|false)/g;

export function turnsWith({ words, names }: TurnOptions): fc.Arbitrary<Turn> {
	return fc.oneof(
		// single bytes: put in, put in the place of one, taken out
		fc.record({ at: somewhere, byte: fc.constantFrom(...BYTES), cut: fc.nat({ max: 1 }) }).map(
			({ at, byte, cut }): Turn =>
				(frame) => {
					const index = Math.floor(at * (frame.length + 1));
					return frame.slice(0, index) + byte + frame.slice(index + cut);
				},
		),
		fc.tuple(somewhere, fc.integer({ min: 1, max: 40 })).map(
			([at, length]): Turn =>
				(frame) => {
					const index = Math.floor(at * frame.length);
					return frame.slice(0, index) + frame.slice(index + length);
				},
		),
		// numbers, bare and in quotes; values; words
		fc.tuple(somewhere, fc.constantFrom(...NUMBERS)).map(
			([at, text]): Turn =>
				(frame) =>
					swap(frame, /(?<=")\d[\d.]*(?=")/g, at, text),
		),
		fc.tuple(somewhere, fc.constantFrom(...NUMBERS)).map(
			([at, text]): Turn =>
				(frame) =>
					swap(frame, /(?<=:)\d+/g, at, text),
		),
		fc.tuple(somewhere, fc.constantFrom(...VALUES)).map(
			([at, text]): Turn =>
				(frame) =>
					swap(frame, /(?<=":)("[^"]*"|\d+|true|false)/g, at, text),
		),
		fc.tuple(somewhere, fc.constantFrom(...words)).map(
			([at, text]): Turn =>
				(frame) =>
					swap(frame, /(?<=":)"[A-Za-z]+"/g, at, text),
		),
		// members: renamed, dropped, doubled, swapped
		fc.tuple(somewhere, fc.constantFrom(...names)).map(
			([at, name]): Turn =>
				(frame) =>
					swap(frame, /(?<=[{,]")\w+(?=":)/g, at, name),
		),
		somewhere.map(
			(at): Turn =>
				(frame) =>
					swap(frame, new RegExp(`${MEMBER.source},`, 'g'), at, ''),
		),
		fc.tuple(somewhere, somewhere).map(
			([from, to]): Turn =>
				(frame) => {
					const member = pick([...frame.matchAll(MEMBER)], from)?.[0] ?? '';
					return swap(frame, /(?<=[{,])(?=")/g, to, `${member},`);
				},
		),
		fc.tuple(somewhere, somewhere).map(
			([from, to]): Turn =>
				(frame) => {
					const member = pick([...frame.matchAll(new RegExp(`${MEMBER.source},`, 'g'))], from)?.[0];
					return member === undefined ? frame : swap(frame.replace(member, ''), /(?<=[{,])(?="\w+":)/g, to, member);
				},
		),
		// levels and rows: doubled
		somewhere.map(
			(at): Turn =>
				(frame) => {
					const level = pick([...frame.matchAll(/\["[\d.]*","[\d.]*"\]/g)], at)?.[0];
					return level === undefined ? frame : frame.replace(level, `${level},${level}`);
				},
		),
		fc.constant<Turn>((frame) => frame.replace(/\[(\{[^[\]]*\})\]/, '[$1,$1]')),
		// the frame as a whole
		fc.constantFrom<Turn>(
			(frame) => ` ${frame}`,
			(frame) => `${frame}\n`,
			(frame) => `${frame}${frame}`,
			(frame) => `\ufeff${frame}`,
			(frame) => frame.replaceAll(',', ', '),
		),
	);
}
