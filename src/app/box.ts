/**
 * The exchange in a box as a running thing: the venue inside, its market on a heartbeat, the Bybit façade on one port
 * and the control façade on another, both on loopback. Whoever opens it disposes of it; that takes less than a second.
 */
import type { BoxAccount, ControlledBox } from '../exchange/control/controlled-box.ts';
import { createControl } from '../exchange/control/facade.ts';
import { SteeredClock } from '../exchange/control/steered-clock.ts';
import { SwitchFacade } from '../exchange/control/switch-facade.ts';
import { Tap, TapFacade } from '../exchange/control/tap.ts';
import { FACADE_TICK_MS, type Facade } from '../exchange/facade.ts';
import { ActiveFaults } from '../exchange/faults/active-faults.ts';
import { BYBIT_DIALECT } from '../exchange/faults/bybit-dialect.ts';
import { type BoxFaultDesk, createFaultDesk } from '../exchange/faults/desk.ts';
import { FaultyFacade } from '../exchange/faults/faulty-facade.ts';
import { FaultyLine } from '../exchange/faults/faulty-line.ts';
import { Happenings } from '../exchange/faults/happenings.ts';
import type { FaultPlan } from '../exchange/faults/plan.ts';
import { MARKET_STEP_MS } from '../exchange/market/market.ts';
import { heartbeat } from '../exchange/server/heartbeat.ts';
import { type Carrier, type CarrierOpened, openCarrier } from '../exchange/server/http-carrier.ts';
import { type LatencySpec, latencyOf, NO_LATENCY } from '../exchange/server/latency.ts';
import { systemClock } from '../network/system-clock.ts';
import { systemSeed } from '../network/system-seed.ts';
import type { Clock } from '../ports/clock.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import type { MarketKind, StartingAccount } from './box-choices.ts';
import { BOX_SYMBOLS } from './box-symbols.ts';
import { createBoxVenue } from './box-venue.ts';

export interface BoxOptions {
	/** 0: any that is free. */
	readonly bybitPort: number;
	readonly controlPort: number;
	readonly seed: number;
	readonly market: MarketKind;
	/** All that there are unless said. */
	readonly symbols?: readonly string[];
	readonly latency?: LatencySpec;
	/** Multiplies the venue's rate limits, 1 unless given; Infinity lifts them, for load tests that say so. */
	readonly limitFactor?: number;
	/** Alice and Bob unless said. */
	readonly accounts?: readonly StartingAccount[];
	/** In force from the start, and again after a reset. */
	readonly faultPlan?: FaultPlan;
	readonly clock?: Clock;
	/** Drawn anew unless given. */
	readonly controlToken?: string;
	/** A façade threw: a mistake of ours that cost a client its request or socket. */
	readonly onBug: (error: unknown) => void;
}

/** What `--json` prints. */
export interface BoxListening {
	readonly listening: true;
	readonly bybit: {
		readonly rest: string;
		readonly public: { readonly spot: string; readonly linear: string; readonly inverse: string };
		readonly private: string;
		readonly trade: string;
	};
	readonly control: { readonly url: string; readonly token: string };
	readonly accounts: readonly BoxAccount[];
}

export interface Box extends AsyncDisposable {
	readonly listening: BoxListening;
	/** How often each fault has struck. */
	faultReport(): ReturnType<BoxFaultDesk['report']>;
}

export type BoxOpened = { readonly kind: 'open'; readonly box: Box } | { readonly kind: 'unavailable'; readonly message: string };

export async function openBox(options: BoxOptions): Promise<BoxOpened> {
	const { clock = systemClock(), controlToken = newToken(), onBug } = options;
	const inside = boxInside(options, clock);
	const common = { clock, wallMs: () => inside.controlled.clock.wallMs(), onBug };

	const { facade: bybitFacade, requestLine, latency } = inside;
	const bybit = await openCarrier({ ...common, facade: bybitFacade, requestLine, latency, port: options.bybitPort });
	if (bybit.kind === 'unavailable') return unavailable('--bybit-port', bybit);
	const facade = createControl(inside.controlled, { token: controlToken });
	const control = await openCarrier({ ...common, facade, latency: NO_LATENCY, port: options.controlPort });
	if (control.kind === 'unavailable') {
		await bybit.carrier[Symbol.asyncDispose]();
		return unavailable('--control-port', control);
	}
	const beating = inside.beat();
	return {
		kind: 'open',
		box: {
			listening: listeningOf(bybit.carrier, control.carrier, { token: controlToken, accounts: inside.controlled.accounts() }),
			faultReport: () => inside.faults.report(),
			[Symbol.asyncDispose]: async () => {
				beating[Symbol.dispose]();
				// No delayed frame or request keeps the process.
				inside.controlled.clock.freeze();
				await Promise.all([bybit.carrier[Symbol.asyncDispose](), control.carrier[Symbol.asyncDispose]()]);
			},
		},
	};
}

/** Everything but the sockets. */
function boxInside(options: BoxOptions, base: Clock) {
	const { seed, market, symbols = BOX_SYMBOLS, limitFactor = 1, accounts, faultPlan = { rules: [] } } = options;
	const clock = new SteeredClock(base);
	const rng = seededRng(seed);
	const active = new ActiveFaults({ rng: rng.fork('faults'), clock });
	const newVenue = (nowMs: number) =>
		createBoxVenue({
			rng: rng.fork('venue'),
			market,
			symbols,
			nowMs,
			limitFactor,
			faults: { faults: active, clock },
			...(accounts === undefined ? {} : { accounts }),
		});
	let venue = newVenue(clock.wallMs());
	venue.step(clock.wallMs());
	const tap = new Tap();
	const faultContext = { faults: active, clock, dialect: BYBIT_DIALECT };
	const faults = createFaultDesk(active);
	assertRoom(faults.apply(faultPlan));
	const switched = new SwitchFacade(venue.facade);
	// The tap stands outside of the faults: it hears what clients hear.
	const facade = new TapFacade(new FaultyFacade(switched, faultContext), tap);
	const requestLine = (inner: Facade) => new FaultyLine(inner, faultContext);
	const controlled: ControlledBox = {
		get exchange() {
			return venue.exchange;
		},
		clock,
		tap,
		faults,
		accounts: () => venue.accounts,
		addAccount: (name) => venue.addAccount(name),
		setKeyRights: (name, rights) => venue.setKeyRights(name, rights),
		reset: (nowMs) => {
			faults.clear();
			assertRoom(faults.apply(faultPlan));
			venue = newVenue(nowMs);
			venue.step(nowMs);
			switched.replace(venue.facade, nowMs);
		},
	};

	const happenings = new Happenings({ faults: active, clock, venue: controlled });

	/** The façade ticks, and every so many ticks the market steps, on the clock that can be steered. */
	function beat(): Disposable {
		let nextStepMono = clock.monotonicMs() + MARKET_STEP_MS;
		return heartbeat(clock, FACADE_TICK_MS, (nowMs) => {
			if (clock.monotonicMs() >= nextStepMono) {
				nextStepMono = Math.max(nextStepMono + MARKET_STEP_MS, clock.monotonicMs());
				venue.step(nowMs);
			}
			happenings.tick(nowMs);
			facade.tick(nowMs);
		});
	}

	const latency =
		options.latency === undefined ? NO_LATENCY : latencyOf(options.latency, { clock: base, rng: rng.fork('latency') });
	return { facade, requestLine, controlled, faults, latency, beat };
}

/** Whoever reads a plan bounds it, and its rules have ids of their own. */
function assertRoom(isApplied: boolean): void {
	if (!isApplied) throw new Error('invariant broken: a fault plan with too many rules, or two of one id');
}

function listeningOf(
	bybit: Carrier,
	control: Carrier,
	more: { readonly token: string; readonly accounts: readonly BoxAccount[] },
): BoxListening {
	const at = `${bybit.host}:${bybit.port}`;
	const topics = (category: string): string => `ws://${at}/v5/public/${category}`;
	return {
		listening: true,
		bybit: {
			rest: `http://${at}`,
			public: { spot: topics('spot'), linear: topics('linear'), inverse: topics('inverse') },
			private: `ws://${at}/v5/private`,
			trade: `ws://${at}/v5/trade`,
		},
		control: { url: `http://${control.host}:${control.port}`, token: more.token },
		accounts: more.accounts.map(({ name, apiKey, apiSecret }) => ({ name, apiKey, apiSecret })),
	};
}

function unavailable(flag: string, refused: Extract<CarrierOpened, { kind: 'unavailable' }>): BoxOpened {
	const { code, host, port } = refused;
	const why =
		code === 'EADDRINUSE'
			? 'another program listens there'
			: code === 'EACCES'
				? 'the system does not allow it'
				: `the system says ${code}`;
	return {
		kind: 'unavailable',
		message: `cannot listen on ${host}:${port}: ${why}; choose another with ${flag}, or 0 for any that is free`,
	};
}

/** Keys are for repeating; the token keeps strangers out, web pages in a browser first of all. */
function newToken(): string {
	return Array.from({ length: 4 }, () => systemSeed().toString(16).padStart(8, '0')).join('');
}
