/**
 * An engine that replaces all its quotes without a pause, and what its wire carries once somebody has killed it: the
 * first cancel, the last one, and whatever must not leave any more.
 */
import { openApp } from '../../src/app/app.ts';
import { Wishes } from '../../src/app/wishes.ts';
import { type Instrument, parsePrice, parseQty } from '../../src/domain/instrument.ts';
import { RUN_TAGS, runTagOf } from '../../src/domain/order-id.ts';
import { ENGINE_SETTINGS, type EngineSettings } from '../../src/engine/settings.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import type { Transport } from '../../src/network/transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { memoryJournal } from '../../src/simulation/memory-journal.ts';
import { GATEWAY_OPTIONS } from '../../src/venues/bybit/gateway.ts';
import { Credentials } from '../../src/venues/bybit/sign.ts';
import { boxUrls } from '../../src/venues/bybit/urls.ts';
import { bybitVenue } from '../../src/venues/bybit/venue.ts';
import type { BenchBox } from '../app/tick-box.ts';
import type { WorkQuote, WorkSymbol } from '../app/tick-work.ts';

export interface Killing {
	readonly box: BenchBox;
	readonly work: readonly WorkSymbol[];
	readonly orderEntry: 'ws' | 'rest';
	/** The venue's own, or none. */
	readonly limits: 'off' | 'venue';
	/** How many orders stand before it is killed, under load where there is any. */
	readonly standing: number;
	readonly loadMs: number;
}

export interface Killed {
	readonly standing: number;
	/** Undefined where every order was being cancelled already. */
	readonly firstCancelMs: number | undefined;
	/** Until our streams have told of the last end. */
	readonly emptyMs: number;
	/** Creates and amends that left after the call. */
	readonly newAfter: number;
	/** By a question of its own to the venue, at the end. */
	readonly leftAtVenue: number;
}

const LIMITLESS = 1e12;
const TICK_EVERY_MS = 25;
const STANDS_WITHIN_MS = 120_000;
const EMPTY_WITHIN_MS = 120_000;
const WARM_CONNECTIONS = 20;

function settingsOf(limits: Killing['limits']): EngineSettings {
	return {
		...ENGINE_SETTINGS,
		budget: { ...ENGINE_SETTINGS.budget, isEnabled: limits === 'venue' },
		policy: { ...ENGINE_SETTINGS.policy, minTimeInBookMs: 0, amendPriceThresholdBps: 0 },
		limits: {
			...ENGINE_SETTINGS.limits,
			...{ orderNotionalMax: LIMITLESS, positionNotionalMax: LIMITLESS, grossNotionalMax: LIMITLESS },
			...{ netNotionalMax: LIMITLESS, slotActionsPerSecMax: LIMITLESS, slotActionsPerMinMax: LIMITLESS },
			...{ bookAgeMsMax: LIMITLESS, clockOffsetMsMax: LIMITLESS, journalDelayMsMax: LIMITLESS },
		},
	};
}

export async function kill(killing: Killing): Promise<Killed> {
	const { box, work, orderEntry, limits, standing, loadMs } = killing;
	const [clock, rng] = [systemClock(), systemRng()];
	const watch = new OrderWatch();
	const { apiKey, apiSecret } = box.account('ours');
	const symbols = work.map(({ symbol }) => symbol);
	const wishes = new Wishes();
	await using inside = systemTransport({ clock, isAllowed: () => true });
	const opened = await openApp(
		{
			venues: [
				bybitVenue({
					urls: boxUrls(box.listening.bybit),
					credentials: new Credentials(apiKey, apiSecret),
					...{ bookDepth: 50, recvWindowMs: 5_000, reconnect: RECONNECT_POLICY },
					orderCalls: { ...GATEWAY_OPTIONS, orderEntry },
					warmConnections: orderEntry === 'rest' ? WARM_CONNECTIONS : 0,
				}),
			],
			symbols: symbols.map((symbol) => ({ category: 'linear', symbol })),
			quoting: [{ strategy: wishes, symbols }],
			engine: settingsOf(limits),
			runTag: runTagOf(rng.below(RUN_TAGS)),
		},
		{
			...{ clock, rng, meter: NO_METER, transport: watch.wrap(inside) },
			journal: (sink) => memoryJournal({ clock, syncMs: 1, sink }),
		},
	);
	if (opened.kind === 'refused') throw new Error(opened.sentences.join('; '));
	await using app = opened.app;
	const troubles = await app.start();
	if (troubles.length > 0) throw new Error(troubles.join('; '));
	const { engine, runtime, instruments } = app;
	let ladder: 0 | 1 = 0;
	const wish = (): void => {
		for (const [at, instrument] of instruments.entries()) {
			wishes.set(
				instrument,
				(work[at]?.ladders[ladder] ?? []).map((quote) => wishOf(instrument, quote)),
			);
		}
	};
	wish();
	await until(() => engine.openOrders().filter(({ state }) => state === 'live').length >= standing, STANDS_WITHIN_MS);
	const loadUntilMs = performance.now() + loadMs;
	while (performance.now() < loadUntilMs) {
		ladder = ladder === 0 ? 1 : 0;
		wish();
		await pause(TICK_EVERY_MS);
	}
	const stood = engine.orders.openCount;
	watch.begin();
	const startMs = performance.now();
	const asked = runtime.control({ kind: 'shutGate', reason: 'the benchmark kills' });
	await until(() => app.isFlat, EMPTY_WITHIN_MS);
	const emptyMs = performance.now() - startMs;
	const left = await app.openAtVenue();
	const hadToCancel = asked.kind === 'done' && asked.orderCount > 0;
	return {
		standing: stood,
		firstCancelMs: hadToCancel ? watch.firstCancelAtMs - startMs : undefined,
		emptyMs,
		newAfter: watch.newCount,
		leftAtVenue: left.length,
	};
}

/** Sees what is handed to the operating system, order by order. */
class OrderWatch {
	#isOn = false;
	firstCancelAtMs = Number.POSITIVE_INFINITY;
	newCount = 0;

	begin(): void {
		this.#isOn = true;
	}

	wrap(inner: Transport): Transport {
		return {
			request: (call, heard) => {
				const told = inner.request(call, heard);
				if (call.method === 'POST') this.#see(call.target);
				return told;
			},
			connect: (target, handler) => {
				const socket = inner.connect(target, handler);
				return {
					get bufferedBytes() {
						return socket.bufferedBytes;
					},
					send: (text) => {
						const isSent = socket.send(text);
						if (isSent && text.includes('"op":"order.')) this.#see(text);
						return isSent;
					},
					ping: () => socket.ping(),
					close: () => socket.close(),
					terminate: () => socket.terminate(),
				};
			},
			warm: (origin, pool, connections) => inner.warm(origin, pool, connections),
			pools: () => inner.pools(),
			[Symbol.asyncDispose]: async () => await inner[Symbol.asyncDispose](),
		};
	}

	/** After the bytes were handed over. */
	#see(text: string): void {
		if (!this.#isOn) return;
		if (/order[./]cancel/.test(text)) this.firstCancelAtMs = Math.min(this.firstCancelAtMs, performance.now());
		else if (/order[./](create|amend)/.test(text)) this.newCount += 1;
	}
}

async function until(condition: () => boolean, withinMs: number): Promise<void> {
	const untilMs = performance.now() + withinMs;
	while (!condition()) {
		if (performance.now() > untilMs) throw new Error(`it did not come about within ${withinMs / 1_000} s`);
		await pause(1);
	}
}

function wishOf(instrument: Instrument, { side, price, qty }: WorkQuote) {
	const [parsedPrice, parsedQty] = [parsePrice(instrument, price), parseQty(instrument, qty)];
	if (parsedPrice.kind !== 'ok' || parsedQty.kind !== 'ok') throw new RangeError(`${qty} at ${price} is not on the grid`);
	return { side, priceTicks: parsedPrice.value, qtyLots: parsedQty.value };
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => {
		setTimeout(resolve, ms);
	});
}
