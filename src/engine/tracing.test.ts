import { beforeEach, expect, test } from 'vitest';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { instrumentIndex } from '../domain/instrument.ts';
import type { Span, SpanName, Tracer } from '../ports/tracer.ts';
import { LADDER_DEFAULTS, ladder } from '../strategy/index.ts';

class Noted implements Span {
	readonly name: SpanName;
	readonly subject: string | undefined;
	readonly parent: Noted | undefined;
	readonly parts: Noted[] = [];
	readonly values: Record<string, string | number> = {};
	endCount = 0;

	constructor(name: SpanName, subject?: string, parent?: Noted) {
		this.name = name;
		this.subject = subject;
		this.parent = parent;
		parent?.parts.push(this);
	}

	start(name: SpanName, subject?: string): Noted {
		return new Noted(name, subject, this);
	}

	next(name: SpanName, subject?: string): Noted {
		this.end();
		return new Noted(name, subject, this.parent);
	}

	set(key: string, value: string | number): void {
		this.values[key] = value;
	}

	end(): void {
		this.endCount += 1;
	}

	all(): Noted[] {
		return [this, ...this.parts.flatMap((part) => part.all())];
	}

	/** The ways from here to all that is in it. */
	paths(): string[] {
		return [this.name, ...this.parts.flatMap((part) => part.paths().map((path) => `${this.name} ${path}`))];
	}
}

const INSTRUMENTS = ['BTCUSDT', 'ETHUSDT'].map((symbol, index) => makeTestInstrument({ index: instrumentIndex(index), symbol }));

let roots: Noted[];
const tracer: Tracer = {
	start: (name) => {
		const root = new Noted(name);
		roots.push(root);
		return root;
	},
};
let desk: Desk;

beforeEach(() => {
	roots = [];
	const strategy = ladder({ ...LADDER_DEFAULTS, edge: { ...LADDER_DEFAULTS.edge, minEdgeBps: -100 } });
	desk = new Desk({ instruments: INSTRUMENTS, strategy, tracer });
	for (const instrument of INSTRUMENTS) desk.book(instrument, 650_000, 650_002);
	desk.sent.length = 0;
});

test('a tick is one trace: a span for each symbol, the journal, each batch and its call, all within their parents', () => {
	roots.length = 0;
	desk.tick();
	const [tick] = roots;
	expect(roots).toHaveLength(1);
	expect(new Set(tick?.paths())).toEqual(
		new Set(['tick', 'tick plan', 'tick plan symbol', 'tick approve', 'tick batch', 'tick batch call', 'tick journal']),
	);
	const symbols = tick?.all().filter(({ name }) => name === 'symbol');
	expect(symbols?.map(({ subject }) => subject)).toEqual(INSTRUMENTS.map(({ id }) => id));
	expect(tick?.endCount).toBe(0);
	desk.settle();
	expect(tick?.all().map(({ name, endCount }) => [name, endCount])).toEqual(tick?.all().map(({ name }) => [name, 1]));
});

test('a batch says where it goes and with how many commands, and its call what the venue refused', () => {
	roots.length = 0;
	desk.tick();
	const [sent] = desk.sent.splice(0);
	const batch = roots[0]?.all().find(({ name }) => name === 'batch');
	expect(batch?.values).toMatchObject({ venue: 'bybit', category: 'linear', verb: 'place', commands: sent?.commands.length });
	const [first, ...others] = sent?.commands ?? [];
	const refused = { kind: 'rejected', class: 'fatal', gone: false, reason: 'no' } as const;
	desk.step({
		kind: 'answer',
		batchId: sent?.batchId ?? -1,
		items: [
			{ orderId: first!.orderId, verb: 'place', outcome: refused },
			...others.slice(1).map(({ orderId }) => {
				return { orderId, verb: 'place' as const, outcome: { kind: 'accepted' as const, venueOrderId: undefined } };
			}),
		],
		...desk.at(),
	});
	const call = batch?.parts.find(({ name }) => name === 'call');
	expect(call).toMatchObject({ endCount: 1, values: { rejected: 1, unknown: 1 } });
});

test('a tick with nothing to do ends at once', () => {
	desk.tick();
	desk.settle();
	desk.tick();
	desk.settle();
	roots.length = 0;
	desk.tick();
	expect(roots.map(({ endCount }) => endCount)).toEqual([1]);
	expect(roots[0]?.all().some(({ name }) => name === 'batch')).toBe(false);
});

test('a tick of which nothing passes the gate ends at once', () => {
	const strategy = ladder({ ...LADDER_DEFAULTS, edge: { ...LADDER_DEFAULTS.edge, minEdgeBps: -100 } });
	const settings = { limits: { ...WIDE_LIMITS, openOrdersMax: 0 } };
	const shut = new Desk({ instruments: INSTRUMENTS, strategy, settings, tracer });
	for (const instrument of INSTRUMENTS) shut.book(instrument, 650_000, 650_002);
	roots.length = 0;
	shut.tick();
	expect(shut.sent).toEqual([]);
	expect(roots[0]?.paths()).toContain('tick approve');
	expect(roots[0]?.all().map(({ endCount }) => endCount)).toEqual(roots[0]?.all().map(() => 1));
});

test('what the journal does not take is a batch without a call', () => {
	desk.commits = 'held';
	roots.length = 0;
	desk.tick();
	desk.failCommits();
	const [tick] = roots;
	const batch = tick?.all().find(({ name }) => name === 'batch');
	expect(batch).toMatchObject({ endCount: 1, parts: [], values: { dropped: 'unsent' } });
	expect(tick?.endCount).toBe(1);
});

test('what a person asks for is a flush of its own', () => {
	desk.tick();
	desk.settle();
	roots.length = 0;
	desk.ask({ kind: 'control', action: { kind: 'cancelAll', scope: { kind: 'all' } }, ...desk.at() });
	expect(new Set(roots[0]?.paths())).toEqual(new Set(['flush', 'flush batch', 'flush batch call']));
	desk.settle();
	expect(roots[0]?.endCount).toBe(1);
});
