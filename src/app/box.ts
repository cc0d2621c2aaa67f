/**
 * The exchange in a box as a running thing: the exchange inside, its market on a heartbeat, the façade of each venue on a
 * port of its own and the control façade on another, all on loopback. Whoever opens it disposes of it; that takes less
 * than a second.
 */
import { BINANCE_MARKETS } from '../exchange/binance/venue.ts';
import type { BoxAccount, ControlledBox } from '../exchange/control/controlled-box.ts';
import { createControl } from '../exchange/control/facade.ts';
import { SteeredClock } from '../exchange/control/steered-clock.ts';
import { SwitchFacade } from '../exchange/control/switch-facade.ts';
import { Tap, TapFacade } from '../exchange/control/tap.ts';
import { FACADE_TICK_MS, type Facade } from '../exchange/facade.ts';
import { ActiveFaults } from '../exchange/faults/active-faults.ts';
import { BINANCE_DIALECT } from '../exchange/faults/binance-dialect.ts';
import { BYBIT_DIALECT } from '../exchange/faults/bybit-dialect.ts';
import type { FaultContext } from '../exchange/faults/context.ts';
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
import { isOwnPlace } from './box-binance.ts';
import { HISTORY_HOURS, type MarketKind, type StartingAccount } from './box-choices.ts';
import { BOX_SYMBOLS } from './box-symbols.ts';
import { createBoxVenue } from './box-venue.ts';

export interface BoxOptions {
	/** 0: any that is free. */
	readonly bybitPort: number;
	/** Without it there is no Binance. */
	readonly binancePort?: number;
	readonly controlPort: number;
	readonly seed: number;
	readonly market: MarketKind;
	/** So much was traded before it began, in a market that there is; `HISTORY_HOURS` unless said. */
	readonly historyHours?: number;
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
	/** Both markets on one port, told apart by their paths. */
	readonly binance?: {
		readonly spot: { readonly rest: string; readonly stream: string; readonly wsApi: string };
		readonly futures: {
			readonly rest: string;
			readonly public: string;
			readonly market: string;
			readonly private: string;
			readonly wsApi: string;
		};
	};
	readonly control: { readonly url: string; readonly token: string };
	readonly accounts: readonly BoxAccount[];
}

export interface Box extends AsyncDisposable {
	readonly listening: BoxListening;
	/** One more key of an account, for whoever replaces its first. */
	addKey(accountName: string, keyName: string): Pick<BoxAccount, 'apiKey' | 'apiSecret'>;
	/** How often each fault has struck. */
	faultReport(): ReturnType<BoxFaultDesk['report']>;
}

export type BoxOpened = { readonly kind: 'open'; readonly box: Box } | { readonly kind: 'unavailable'; readonly message: string };

export async function openBox(options: BoxOptions): Promise<BoxOpened> {
	const { clock = systemClock(), controlToken = newToken(), onBug } = options;
	const inside = boxInside(options, clock);
	const common = { clock, wallMs: () => inside.controlled.clock.wallMs(), onBug };
	const { bybit, binance, latency } = inside;
	const facade = createControl(inside.controlled, { token: controlToken });
	const opened = await openAll([
		{ flag: '--bybit-port', options: { ...common, ...bybit, latency, port: options.bybitPort } },
		{ flag: '--control-port', options: { ...common, facade, latency: NO_LATENCY, port: options.controlPort } },
		...(binance === undefined
			? []
			: [{ flag: '--binance-port', options: { ...common, ...binance, latency, port: options.binancePort ?? 0 } }]),
	]);
	if (opened.kind === 'unavailable') return opened;
	const beating = inside.beat();
	return {
		kind: 'open',
		box: {
			listening: listeningOf(opened.carriers, { token: controlToken, accounts: inside.controlled.accounts() }),
			addKey: (accountName, keyName) => inside.addKey(accountName, keyName),
			faultReport: () => inside.faults.report(),
			[Symbol.asyncDispose]: async () => {
				beating[Symbol.dispose]();
				// No delayed frame or request keeps the process.
				inside.controlled.clock.freeze();
				await closeAll(opened.carriers);
			},
		},
	};
}

/** All of them, or none and the reason why. */
async function openAll(
	wanted: readonly { readonly flag: string; readonly options: Parameters<typeof openCarrier>[0] }[],
): Promise<{ readonly kind: 'open'; readonly carriers: readonly Carrier[] } | Extract<BoxOpened, { kind: 'unavailable' }>> {
	const carriers: Carrier[] = [];
	for (const { flag, options } of wanted) {
		const opened = await openCarrier(options);
		if (opened.kind === 'unavailable') {
			await closeAll(carriers);
			return unavailable(flag, opened);
		}
		carriers.push(opened.carrier);
	}
	return { kind: 'open', carriers };
}

async function closeAll(carriers: readonly Carrier[]): Promise<void> {
	await Promise.all(carriers.map((carrier) => carrier[Symbol.asyncDispose]()));
}

/** Everything but the sockets. */
function boxInside(options: BoxOptions, base: Clock) {
	const { seed, market, symbols = BOX_SYMBOLS, limitFactor = 1, accounts, faultPlan = { rules: [] } } = options;
	const { historyHours = HISTORY_HOURS } = options;
	const clock = new SteeredClock(base);
	const rng = seededRng(seed);
	const active = new ActiveFaults({ rng: rng.fork('faults'), clock });
	const newVenue = (nowMs: number) =>
		createBoxVenue({
			rng: rng.fork('venue'),
			market,
			symbols,
			nowMs,
			...(market === 'none' ? {} : { pastMs: historyHours * 3_600_000 }),
			limitFactor,
			...(options.binancePort === undefined ? {} : { binanceMarkets: BINANCE_MARKETS }),
			faults: { faults: active, clock },
			...(accounts === undefined ? {} : { accounts }),
		});
	let venue = newVenue(clock.wallMs());
	venue.step(clock.wallMs());
	const tap = new Tap();
	const faults = createFaultDesk(active);
	assertRoom(faults.apply(faultPlan));
	const bybit = doorOf(venue.facade, { faults: active, clock, dialect: BYBIT_DIALECT }, tap);
	const binance =
		venue.binance === undefined ? undefined : doorOf(venue.binance, { faults: active, clock, dialect: BINANCE_DIALECT }, tap);
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
		addPublicKey: (name, publicKeyPem) => venue.addPublicKey(name, publicKeyPem),
		reset: (nowMs) => {
			faults.clear();
			assertRoom(faults.apply(faultPlan));
			venue = newVenue(nowMs);
			venue.step(nowMs);
			bybit.replace(venue.facade, nowMs);
			if (venue.binance !== undefined) binance?.replace(venue.binance, nowMs);
		},
	};

	const happenings = new Happenings({
		faults: active,
		clock,
		venue: {
			get exchange() {
				return venue.exchange;
			},
			accounts: () => venue.holders(),
			trades: isOwnPlace,
		},
	});

	/** The façade ticks, and every so many ticks the market steps, on the clock that can be steered. */
	function beat(): Disposable {
		let nextStepMono = clock.monotonicMs() + MARKET_STEP_MS;
		return heartbeat(clock, FACADE_TICK_MS, (nowMs) => {
			if (clock.monotonicMs() >= nextStepMono) {
				nextStepMono = Math.max(nextStepMono + MARKET_STEP_MS, clock.monotonicMs());
				venue.step(nowMs);
			}
			happenings.tick(nowMs);
			bybit.facade.tick(nowMs);
			binance?.facade.tick(nowMs);
		});
	}

	const latency =
		options.latency === undefined ? NO_LATENCY : latencyOf(options.latency, { clock: base, rng: rng.fork('latency') });
	const addKey = (accountName: string, keyName: string) => venue.addKey(accountName, keyName);
	return { bybit, binance, controlled, faults, latency, beat, addKey };
}

/** How a venue's façade is carried: through faults and a tap, and exchangeable for a reset. */
function doorOf(inside: Facade, context: FaultContext, tap: Tap) {
	const switched = new SwitchFacade(inside);
	return {
		// The tap stands outside of the faults: it hears what clients hear.
		facade: new TapFacade(new FaultyFacade(switched, context), tap),
		requestLine: (inner: Facade) => new FaultyLine(inner, context),
		replace: (next: Facade, nowMs: number) => switched.replace(next, nowMs),
	};
}

/** Whoever reads a plan bounds it, and its rules have ids of their own. */
function assertRoom(isApplied: boolean): void {
	if (!isApplied) throw new Error('invariant broken: a fault plan with too many rules, or two of one id');
}

/** Of Bybit, of the control API, and of Binance where that is open, in this order. */
function listeningOf(
	[bybit, control, binance]: readonly Carrier[],
	more: { readonly token: string; readonly accounts: readonly BoxAccount[] },
): BoxListening {
	const at = placeOf(bybit);
	const topics = (category: string): string => `ws://${at}/v5/public/${category}`;
	return {
		listening: true,
		bybit: {
			rest: `http://${at}`,
			public: { spot: topics('spot'), linear: topics('linear'), inverse: topics('inverse') },
			private: `ws://${at}/v5/private`,
			trade: `ws://${at}/v5/trade`,
		},
		...(binance === undefined ? {} : { binance: binanceUrls(placeOf(binance)) }),
		control: { url: `http://${placeOf(control)}`, token: more.token },
		accounts: more.accounts.map(({ name, apiKey, apiSecret }) => ({ name, apiKey, apiSecret })),
	};
}

/** Where each kind of client begins; the paths of what it asks for come behind. */
function binanceUrls(at: string): NonNullable<BoxListening['binance']> {
	return {
		spot: { rest: `http://${at}`, stream: `ws://${at}`, wsApi: `ws://${at}/ws-api/v3` },
		futures: {
			rest: `http://${at}`,
			public: `ws://${at}/public`,
			market: `ws://${at}/market`,
			private: `ws://${at}/private`,
			wsApi: `ws://${at}/ws-fapi/v1`,
		},
	};
}

function placeOf(carrier: Carrier | undefined): string {
	if (carrier === undefined) throw new Error('invariant broken: a carrier that is open is not there');
	return `${carrier.host}:${carrier.port}`;
}

function unavailable(
	flag: string,
	refused: Extract<CarrierOpened, { kind: 'unavailable' }>,
): Extract<BoxOpened, { kind: 'unavailable' }> {
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
