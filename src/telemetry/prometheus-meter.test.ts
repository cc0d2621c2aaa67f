import { describe, expect, test } from 'vitest';
import type { RequestApi, RequestVerb, Stage } from '../ports/meter.ts';
import { METRICS, type MetricEntry } from './catalogue.ts';
import { type Family, parseExposition, type Sample } from './exposition.suite.ts';
import { FIGURES, type FigureEntry, type Tell } from './figures-catalogue.ts';
import type { FreeLabel } from './labels.ts';
import { PrometheusMeter, type WatchedEngine } from './prometheus-meter.ts';

async function familiesOf(meter: PrometheusMeter): Promise<ReadonlyMap<string, Family>> {
	return parseExposition(await meter.text());
}

async function samplesOf(meter: PrometheusMeter, name: string): Promise<readonly Sample[]> {
	return (await familiesOf(meter)).get(name)?.samples ?? [];
}

/** `{stage="rest"} 3` and the like, the counts of a histogram, or the values of anything else. */
async function figuresOf(meter: PrometheusMeter, name: string): Promise<Record<string, number>> {
	const samples = await samplesOf(meter, name);
	const shown = samples.filter((sample) => sample.name === name || sample.name === `${name}_count`);
	return Object.fromEntries(shown.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

function engineWith(counts: { commands: number; calls: number }, isPaused = false): WatchedEngine {
	const other = { commands: 5, calls: 5 };
	return { getStats: () => ({ coalesce_stats: { cancel: counts, amend: other, place: other } }), isRiskPaused: () => isPaused };
}

const VERBS: readonly RequestVerb[] = ['place', 'amend', 'cancel', 'read'];
const APIS: readonly RequestApi[] = ['rest', 'rest-batch', 'ws', 'ws-batch'];
const STAGES: readonly Stage[] = ['decide', 'journal', 'reconcile'];

/** All that can ever be recorded. */
function everything(): PrometheusMeter {
	const meter = new PrometheusMeter();
	meter.watch(engineWith({ commands: 7, calls: 2 }, true));
	meter.flush.record(41);
	for (const verb of VERBS) for (const api of APIS) meter.request(verb, api).record(42);
	for (const stage of STAGES) meter.stage(stage).record(3);
	for (const count of [meter.restErrors('bybit'), meter.reconnects('bybit')]) count.add(1);
	meter.tell(tellEverything);
	return meter;
}

/** Of each kind of word one that may be told. */
const WORDS: Readonly<Record<FreeLabel, string>> = {
	'the exchange': 'bybit',
	'the symbol': 'bybit:linear:BTCUSDT',
	'the pool': 'orders',
	'the endpoint': '/v5/order/realtime',
	'the limit': 'linear place',
	'the code': 'PT9',
	'the mode': 'live',
	'the stage': 'model',
	'the version': 'evenkeel 1.2.3',
};

/** Every figure under every combination of its labels. */
function tellEverything(tell: Tell): void {
	for (const [key, { labels }] of Object.entries<FigureEntry>(FIGURES)) {
		let combinations: Record<string, string>[] = [{}];
		for (const [name, words] of Object.entries(labels)) {
			const all = typeof words === 'string' ? [WORDS[words]] : words;
			combinations = combinations.flatMap((known) => all.map((word) => ({ ...known, [name]: word })));
		}
		for (const combination of combinations) (tell as (key: string, labels: object, value: number) => void)(key, combination, 7);
	}
}

describe('what a scraper reads', () => {
	test('is every metric of the catalogue and no other, with its kind and help', async () => {
		const families = await familiesOf(everything());
		const told = [...families].map(([name, { type, help }]) => ({ name, kind: type, help }));
		expect(told).toEqual(expect.arrayContaining(METRICS.map(({ name, kind, help }) => ({ name, kind, help }))));
		expect(told).toHaveLength(METRICS.length);
		for (const { name } of METRICS) expect(families.get(name)?.samples.length, name).toBeGreaterThan(0);
	});

	test('has the names that dashboards were promised', async () => {
		expect([...(await familiesOf(new PrometheusMeter())).keys()]).toEqual(
			expect.arrayContaining([
				...['latency_ms', 'mm_cmd_coalesced_total', 'mm_exchange_req_ms', 'mm_tick_duration_ms', 'rest_error_rate'],
				...['risk_paused', 'ws_reconnects_total'],
			]),
		);
	});

	test.each(METRICS)('$name has its labels and only values that the catalogue knows', async ({ name, labels }: MetricEntry) => {
		const samples = await samplesOf(everything(), name);
		for (const [label, allowed] of Object.entries(labels)) {
			const seen = new Set(samples.map((sample) => sample.labels[label]));
			expect(seen, label).toEqual(new Set(typeof allowed === 'string' ? [WORDS[allowed]] : allowed));
		}
		for (const { labels: found } of samples) {
			expect(new Set(Object.keys(found).filter((label) => label !== 'le'))).toEqual(new Set(Object.keys(labels)));
		}
	});

	test('is told again the same when nothing happened in between', async () => {
		const meter = everything();
		expect(await meter.text()).toBe(await meter.text());
	});
});

describe('the figures', () => {
	test('a flush counts up to the bound that it reached', async () => {
		const meter = new PrometheusMeter();
		for (const ms of [40, 40.1, 200, 9_000]) meter.flush.record(ms);
		const samples = await samplesOf(meter, 'mm_tick_duration_ms');
		const upTo = (le: string) => samples.find(({ labels }) => labels['le'] === le)?.value;
		expect([upTo('30'), upTo('40'), upTo('42.5'), upTo('200'), upTo('5000'), upTo('+Inf')]).toEqual([0, 1, 2, 3, 3, 4]);
		expect(samples.find(({ name }) => name.endsWith('_sum'))?.value).toBeCloseTo(9_280.1);
	});

	test('requests count by verb and road, and all of a road together as its stage', async () => {
		const meter = new PrometheusMeter();
		meter.request('place', 'ws-batch').record(40);
		meter.request('place', 'ws-batch').record(41);
		meter.request('cancel', 'ws').record(42);
		meter.request('read', 'rest').record(80);
		meter.stage('decide').record(1);
		expect(await figuresOf(meter, 'mm_exchange_req_ms')).toEqual({ 'place ws-batch': 2, 'cancel ws': 1, 'read rest': 1 });
		expect(await figuresOf(meter, 'latency_ms')).toEqual({ decide: 1, rest: 1, ws: 3 });
	});

	test('stages of somebody else are told beside ours, and of too many the rest together', async () => {
		const meter = new PrometheusMeter();
		meter.stage('decide').record(1);
		for (let number = 1; number <= 34; number += 1) meter.ownStage(`step-${number}`).record(2);
		meter.ownStage('step-1').record(2);
		const told = await figuresOf(meter, 'latency_ms');
		expect(Object.keys(told)).toHaveLength(34);
		expect(told).toMatchObject({ decide: 1, 'step-1': 2, 'step-32': 1, other: 2 });
	});

	test('whoever asks for the same timing gets the same', () => {
		const meter = new PrometheusMeter();
		expect(meter.request('amend', 'ws')).toBe(meter.request('amend', 'ws'));
		expect(meter.stage('journal')).toBe(meter.stage('journal'));
		expect(meter.restErrors('bybit')).toBe(meter.restErrors('bybit'));
	});

	test('calls that were spared are commands less calls, as the engine counts them now', async () => {
		const meter = new PrometheusMeter();
		expect(await figuresOf(meter, 'mm_cmd_coalesced_total')).toEqual({});
		const counts = { commands: 40, calls: 2 };
		meter.watch(engineWith(counts));
		expect(await figuresOf(meter, 'mm_cmd_coalesced_total')).toEqual({ place: 0, amend: 0, cancel: 38 });
		counts.commands = 60;
		expect(await figuresOf(meter, 'mm_cmd_coalesced_total')).toEqual({ place: 0, amend: 0, cancel: 58 });
	});

	test('a pause shows while it lasts', async () => {
		const meter = new PrometheusMeter();
		expect(await figuresOf(meter, 'risk_paused')).toEqual({ '': 0 });
		meter.watch(engineWith({ commands: 0, calls: 0 }, true));
		expect(await figuresOf(meter, 'risk_paused')).toEqual({ '': 1 });
		meter.watch(engineWith({ commands: 0, calls: 0 }, false));
		expect(await figuresOf(meter, 'risk_paused')).toEqual({ '': 0 });
	});

	test('errors and reconnects count by exchange, from nought on', async () => {
		const meter = new PrometheusMeter();
		const errors = meter.restErrors('bybit');
		meter.reconnects('binance').add(2);
		expect(await figuresOf(meter, 'rest_error_rate')).toEqual({ bybit: 0 });
		errors.add(1);
		errors.add(2);
		expect(await figuresOf(meter, 'rest_error_rate')).toEqual({ bybit: 3 });
		expect(await figuresOf(meter, 'ws_reconnects_total')).toEqual({ binance: 2 });
	});
});

describe('labels are bounded', () => {
	test('after sixteen exchanges the rest are others', async () => {
		const meter = new PrometheusMeter();
		for (let i = 0; i < 1_000; i += 1) meter.restErrors(`venue-${i}`).add(1);
		const figures = await figuresOf(meter, 'rest_error_rate');
		expect(Object.keys(figures)).toHaveLength(17);
		expect(figures['other']).toBe(984);
		expect(figures['venue-15']).toBe(1);
	});

	test('a name that is none, such as text from a wire, is not a label', async () => {
		const meter = new PrometheusMeter();
		for (const text of ['Bad "name"\n', '', 'a'.repeat(100), '{"apiKey":1}']) meter.reconnects(text).add(1);
		expect(await figuresOf(meter, 'ws_reconnects_total')).toEqual({ other: 4 });
	});
});

describe('figures that are told', () => {
	function telling(...told: readonly (readonly [symbol: string, value: number])[]): PrometheusMeter {
		const meter = new PrometheusMeter();
		meter.tell((tell) => {
			for (const [symbol, value] of told) {
				tell('inventory', { symbol }, value);
				tell('fillVolume', { symbol }, value);
			}
		});
		return meter;
	}

	test('stand as they were told last, and what nobody knows is left out', async () => {
		const meter = telling(['bybit:linear:BTCUSDT', -2], ['bybit:linear:ETHUSDT', Number.NaN], ['bybit:spot:X', Infinity]);
		expect(await figuresOf(meter, 'mm_inventory')).toEqual({ 'bybit:linear:BTCUSDT': -2 });
	});

	test('five hundred symbols have names; counts of more are others, and states of more are not told', async () => {
		const meter = telling(...Array.from({ length: 700 }, (_, i) => [`v:linear:S${i}`, 1] as const));
		const [states, counts] = [await figuresOf(meter, 'mm_inventory'), await figuresOf(meter, 'mm_fill_volume_total')];
		expect([Object.keys(states).length, states['other']]).toEqual([500, undefined]);
		expect([Object.keys(counts).length, counts['other']]).toEqual([501, 200]);
		expect(Object.keys(await figuresOf(meter, 'mm_inventory'))).toEqual(Object.keys(states));
	});

	test('a symbol in other letters has its name; text from a wire has none', async () => {
		const meter = telling(['binance:linear:币安人生USDT', 1], ['x"} 1\nmm_inventory 2', 1], [`v:${'a'.repeat(100)}`, 1]);
		expect(await figuresOf(meter, 'mm_fill_volume_total')).toEqual({ 'binance:linear:币安人生USDT': 1, other: 2 });
	});

	test('the loop gets its turn between two metrics, and who asks meanwhile gets the same text', async () => {
		let [pauses, asked] = [0, 0];
		const meter = new PrometheusMeter({
			pause: async () => {
				pauses += 1;
			},
		});
		meter.tell(() => {
			asked += 1;
		});
		const [first, second] = await Promise.all([meter.text(), meter.text()]);
		// After the one that was asked, and after each metric.
		expect([first === second, asked, pauses]).toEqual([true, 1, 1 + METRICS.length]);
		await meter.text();
		expect(asked).toBe(2);
	});
});
