/**
 * Accidents that happen to a valid request: to members of its JSON, to its text, to a query. Each has a name, so that a
 * run can say how often it did what. All chance comes from the dice handed in.
 */
import type { Rng } from '../../src/ports/rng.ts';

export interface Mutated {
	readonly text: string;
	/** Names of what was done, in order. */
	readonly kinds: readonly string[];
}

/** A place in a JSON value. */
interface Slot {
	readonly holder: object;
	readonly key: string;
}

type TreeAccident = (slot: Slot, rng: Rng) => void;
type TextAccident = (text: string, rng: Rng) => string;

/** Stands for JSON that no value prints as; replaced in the text. */
const RAW_MARK = '@raw:';
const RAW = /"@raw:(\d+)"/g;

const WRONG_TYPES: readonly unknown[] = [true, false, 0, 1, -1, 1.5, 'x', '', [], {}, [null], [[]], { a: 1 }, null];
const HUGE_NUMBERS = ['1e999', '-1e999', '1e308', '9007199254740993', '9'.repeat(400), '1e-400', '-0', '4.9E-324'] as const;
const NUMBER_TEXTS = [
	...[
		'0',
		'-0',
		'-1',
		'+1',
		'1.',
		'.5',
		'1e5',
		'1E-5',
		'0x10',
		'NaN',
		'Infinity',
		'1_000',
		'1,000',
		' 1',
		'1 ',
		'00.01',
		'0.01\n',
	],
	...['٣', '１', '0.0000000000000000001', '9'.repeat(15), '9'.repeat(16), '9'.repeat(60), `${'1'.repeat(4_000)}.5`, '0.', '--1'],
] as const;
const HOSTILE_TEXTS = [
	...[
		'\u0000',
		'\ud800',
		'\udc00x',
		'\u202e',
		'\ufeff',
		'\r\nX-Evil: 1',
		"' OR 1=1 --",
		'../../etc/passwd',
		'<script>',
		'%s%n%00',
	],
	...['__proto__', 'constructor', 'toString', 'é'.repeat(300), '\u{1F600}', '{{7*7}}', '\u001b[2J', 'a b', 'a,b', ' '.repeat(40)],
] as const;
const FOREIGN_VALUES = [
	...['spot', 'linear', 'inverse', 'option', 'BTCUSDT', 'ETHUSDT', 'XRPUSDT', 'BTCUSD', 'BTC', 'USDT', 'Buy', 'Sell', 'Limit'],
	...[
		'Market',
		'GTC',
		'IOC',
		'FOK',
		'PostOnly',
		'RPI',
		'quoteCoin',
		'baseCoin',
		'StopOrder',
		'10',
		'0.010',
		'65000',
		'D',
		'UNIFIED',
	],
] as const;
const MEMBERS = [
	...['category', 'symbol', 'side', 'orderType', 'qty', 'price', 'timeInForce', 'orderLinkId', 'orderId', 'reduceOnly', 'limit'],
	...[
		'closeOnTrigger',
		'triggerPrice',
		'takeProfit',
		'positionIdx',
		'smpType',
		'marketUnit',
		'orderFilter',
		'cursor',
		'startTime',
	],
	...['endTime', 'baseCoin', 'settleCoin', 'openOnly', 'isLeverage', 'request', 'mode', 'coin', 'op', 'args', 'header', 'reqId'],
] as const;
const PROTOTYPE_KEYS = [
	'__proto__',
	'constructor',
	'prototype',
	'toString',
	'hasOwnProperty',
	'__defineGetter__',
	'valueOf',
] as const;
const POLLUTION: readonly unknown[] = [{ polluted: true }, 'polluted', { prototype: { polluted: true } }, null, ['polluted']];
const TEXT_LENGTHS = [40, 1_000, 10_000, 300_000] as const;
const DEPTHS = [50, 3_000, 60_000] as const;
/** How many befall one request: mostly one, so that everything else about it is in order. */
const ACCIDENTS = [1, 1, 1, 2, 3] as const;
const ITEM_COUNTS = [0, 1, 11, 21, 400] as const;

const TREE_ACCIDENTS: Readonly<Record<string, TreeAccident>> = {
	'member dropped': ({ holder, key }) => void Reflect.deleteProperty(holder, key),
	'member nulled': (slot) => put(slot, null),
	'wrong type': (slot, rng) => put(slot, pick(rng, WRONG_TYPES)),
	'huge number': (slot, rng) => put(slot, RAW_MARK + rng.below(HUGE_NUMBERS.length)),
	'number text': (slot, rng) => put(slot, pick(rng, NUMBER_TEXTS)),
	'hostile text': (slot, rng) => put(slot, pick(rng, HOSTILE_TEXTS)),
	'huge text': (slot, rng) => put(slot, 'x'.repeat(pick(rng, TEXT_LENGTHS))),
	'foreign value': (slot, rng) => put(slot, pick(rng, FOREIGN_VALUES)),
	'deep nesting': (slot, rng) => put(slot, RAW_MARK + (HUGE_NUMBERS.length + rng.below(2 * DEPTHS.length))),
	'prototype key': (slot, rng) => put(inside(slot, pick(rng, PROTOTYPE_KEYS)), pick(rng, POLLUTION)),
	'member added': (slot, rng) =>
		put(inside(slot, pick(rng, MEMBERS)), pick(rng, [...FOREIGN_VALUES, ...NUMBER_TEXTS, ...WRONG_TYPES])),
	'items repeated': (slot, rng) => {
		const value = valueOf(slot);
		const item: unknown = Array.isArray(value) ? (value[0] ?? 'x') : value;
		put(slot, Array.from({ length: pick(rng, ITEM_COUNTS) }).fill(item));
	},
};

const SNIPPETS = [
	'null',
	'[]',
	'{}',
	'-1',
	'1e999',
	'"',
	'\\u0000',
	'\\',
	',',
	':',
	'}',
	'99999999999999999999',
	'true',
	'\ud800',
	'/**/',
];

const TEXT_ACCIDENTS: Readonly<Record<string, TextAccident>> = {
	'text cut': (text, rng) => text.slice(0, rng.below(text.length + 1)),
	'text spliced': (text, rng) => spliced(text, rng, pick(rng, SNIPPETS)),
	'text doubled': (text, rng) => spliced(text, rng, text.slice(rng.below(text.length + 1)).slice(0, 40)),
	'member twice': (text, rng) => text.replace('{', `{"${pick(rng, MEMBERS)}":"${pick(rng, ['spot', 'BTCUSDT', '1'])}",`),
	'no object': (_text, rng) =>
		pick(rng, ['', ' ', 'null', '[]', '1', '"x"', 'true', '[{}]', 'NaN', 'undefined', '{', "{'a':1}", '{"a":01}']),
	'text around': (text, rng) =>
		pick(rng, [`\ufeff${text}`, `${text}${text}`, `${text}\u0000`, `${text},`, `(${text})`, ` \n\t${text}\r\n`]),
};

const QUERY_ACCIDENTS: Readonly<Record<string, TextAccident>> = {
	'query percent': (text, rng) =>
		spliced(text, rng, pick(rng, ['%', '%zz', '%00', '%ff%fe', '%E0%A4%A', '%2', '%25', '%26', '%3D'])),
	'query pairs': (text, rng) =>
		pick(rng, [`&&=&${text}`, `${text}&${text}`, `?${text}`, `${text}#x`, text.replaceAll('&', ';'), `=${text}`]),
	'query name twice': (text, rng) => `${text}&${pick(rng, MEMBERS)}=${pick(rng, FOREIGN_VALUES)}&${pick(rng, MEMBERS)}=`,
	'query prototype': (text, rng) =>
		`${text}&${pick(rng, PROTOTYPE_KEYS)}=x&__proto__[polluted]=1&constructor.prototype.polluted=1`,
	'query long': (text, rng) => `${text}&${'a=1&'.repeat(pick(rng, [10, 1_000, 5_000]))}`,
};

export const TREE_KINDS: readonly string[] = Object.keys(TREE_ACCIDENTS);
export const TEXT_KINDS: readonly string[] = Object.keys(TEXT_ACCIDENTS);
export const QUERY_KINDS: readonly string[] = Object.keys(QUERY_ACCIDENTS);

/** JSON with one to three of its members changed, and of every fourth the text as well. */
export function mutateJson(value: unknown, rng: Rng): Mutated {
	const kinds: string[] = [];
	const root = { value: structuredClone(value) };
	for (let left = pick(rng, ACCIDENTS); left > 0; left -= 1) {
		const kind = pick(rng, TREE_KINDS);
		const slots = slotsOf(root);
		if (slots.length === 0) break;
		TREE_ACCIDENTS[kind]?.(pick(rng, slots), rng);
		kinds.push(kind);
	}
	const text = printed(root.value);
	if (rng.below(4) > 0) return { text, kinds };
	const kind = pick(rng, TEXT_KINDS);
	return { text: TEXT_ACCIDENTS[kind]?.(text, rng) ?? text, kinds: [...kinds, kind] };
}

/** A query with one to three of its values changed, and of every second the text as well. */
export function mutateQuery(members: Readonly<Record<string, unknown>>, rng: Rng): Mutated {
	const kinds: string[] = [];
	const root = { value: structuredClone(members) };
	for (let left = pick(rng, ACCIDENTS); left > 0; left -= 1) {
		const slots = slotsOf(root);
		// A query is an object, whatever becomes of its members.
		const slot = pick(rng, slots.length > 1 ? slots.slice(1) : [{ holder: root.value, key: 'category' }]);
		const kind = pick(rng, TREE_KINDS);
		TREE_ACCIDENTS[kind]?.(slot, rng);
		kinds.push(kind);
	}
	const text = queryOf(root.value);
	if (rng.below(2) === 0) return { text, kinds };
	const kind = pick(rng, QUERY_KINDS);
	return { text: QUERY_ACCIDENTS[kind]?.(text, rng) ?? text, kinds: [...kinds, kind] };
}

export function queryOf(members: Readonly<Record<string, unknown>>): string {
	const pairs = Object.entries(members).map(([name, value]) => [name, typeof value === 'string' ? rawOr(value) : printed(value)]);
	return pairs.map((pair) => pair.map((text) => encodeURIComponent((text ?? '').toWellFormed())).join('=')).join('&');
}

export function pick<T>(rng: Rng, list: readonly T[]): T {
	const index = rng.below(list.length);
	if (index >= list.length) throw new Error('nothing to pick from');
	return list[index] as T;
}

function slotsOf(holder: object): Slot[] {
	const slots: Slot[] = [];
	for (const key of Object.keys(holder)) {
		const slot = { holder, key };
		slots.push(slot);
		const value = valueOf(slot);
		// A list of hundreds of copies has enough places in its first ones.
		if (typeof value === 'object' && value !== null && slots.length < 200) slots.push(...slotsOf(value));
	}
	return slots;
}

function valueOf({ holder, key }: Slot): unknown {
	return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

/** A copy, as a property of its own whatever its name, which an assignment to `__proto__` would not make. */
function put({ holder, key }: Slot, value: unknown): void {
	Object.defineProperty(holder, key, { value: structuredClone(value), enumerable: true, configurable: true, writable: true });
}

/** A member of what is there, or of what holds it. */
function inside(slot: Slot, key: string): Slot {
	const value = valueOf(slot);
	const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
	if (isObject) return { holder: value, key };
	return Array.isArray(slot.holder) ? slot : { holder: slot.holder, key };
}

function spliced(text: string, rng: Rng, between: string): string {
	const from = rng.below(text.length + 1);
	return text.slice(0, from) + between + text.slice(from + rng.below(8));
}

function printed(value: unknown): string {
	return (JSON.stringify(value) ?? '').replace(RAW, (_match, digits: string) => rawText(Number(digits)));
}

function rawOr(value: string): string {
	return value.startsWith(RAW_MARK) ? rawText(Number(value.slice(RAW_MARK.length))) : value;
}

function rawText(index: number): string {
	const number = HUGE_NUMBERS[index];
	if (number !== undefined) return number;
	const depth = DEPTHS[(index - HUGE_NUMBERS.length) % DEPTHS.length] ?? 0;
	if (index < HUGE_NUMBERS.length + DEPTHS.length) return '['.repeat(depth) + ']'.repeat(depth);
	return `${'{"a":'.repeat(depth / 2)}1${'}'.repeat(depth / 2)}`;
}
