/**
 * The same tick elsewhere: on one market of Binance, or on both venues and all markets in one engine. The yardstick runs
 * beside it on futures; elsewhere we are alone. Spot and the mix are replaced only, since spot changes no order.
 */
import { Pool } from 'undici';
import { extraNames, extraPerpetual } from '../../src/exchange/market/extra.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { GATEWAY_OPTIONS } from '../../src/venues/binance/gateway.ts';
import { makeCredentials } from '../../src/venues/binance/sign.ts';
import { boxUrls } from '../../src/venues/binance/urls.ts';
import { binanceVenue } from '../../src/venues/binance/venue.ts';
import type { BenchVenue } from '../harness.ts';
import { bareFutures } from './tick-bare-binance.ts';
import { type BenchBox, openBenchBox } from './tick-box.ts';
import { type Channel, OurApp, openBybit, type Trades } from './tick-ours.ts';
import { type Measured, ourRun, Race, raceTitle } from './tick-race.ts';
import { type Kind, type WorkSymbol, workOf } from './tick-work.ts';

export interface Elsewhere {
	readonly venue: Exclude<BenchVenue, 'bybit'>;
	readonly channel: Channel;
	readonly symbols: number;
	readonly rounds: number;
	readonly warmupRounds: number;
	readonly roundTripMs: number;
	readonly restMs: number;
	readonly isTold: boolean;
	readonly isAsked: (title: string) => boolean;
}

const KINDS: Readonly<Record<Elsewhere['venue'], readonly Kind[]>> = {
	'binance-futures': ['replace', 'requote'],
	'binance-spot': ['replace'],
	mixed: ['replace'],
};
/** Of the symbols in turn. */
export const PLACES = {
	'binance-futures': [{ venue: 'binance', category: 'linear' }],
	'binance-spot': [{ venue: 'binance', category: 'spot' }],
	mixed: [
		{ venue: 'bybit', category: 'linear' },
		{ venue: 'binance', category: 'linear' },
		{ venue: 'binance', category: 'spot' },
	],
} as const satisfies Readonly<Record<Elsewhere['venue'], readonly Omit<Trades['places'][number], 'symbol'>[]>>;
const WARM_CONNECTIONS = 100;
const TIME_PATH = '/fapi/v1/time';

export async function measureElsewhere(match: Elsewhere, into: Measured): Promise<void> {
	const { venue, channel, symbols, roundTripMs, restMs, isTold, isAsked } = match;
	const where = `${venue}, `;
	const kinds = KINDS[venue].filter((kind) => isAsked(raceTitle({ where, channel, symbols, kind })));
	if (kinds.length === 0) return;
	const isRaced = venue === 'binance-futures';
	const symbolCount = isRaced ? symbols * 2 : symbols;
	await using box = await openBenchBox({ roundTripMs, symbolCount, hasBinance: true });
	const both = await workWithCoins(box, symbolCount);
	const [work, theirs] = [both.slice(0, symbols), both.slice(symbols)];
	await using open = new AsyncDisposableStack();
	const origin = binanceOf(box).futures.rest;
	const pool = new Pool(origin, { connections: 1 });
	open.defer(() => pool.destroy());
	const app = open.use(await OurApp.open(work, openTrades(box, work, match)));
	const bare = isRaced ? open.use(await bareFutures(box, origin, theirs)) : undefined;
	const scene = { where, channel, symbols, restMs, isTold, box, roundTripMs: () => roundTripOf(pool) };
	for (const kind of kinds) {
		const race = new Race({ ...scene, kind });
		race.enter('ours', ourRun(app, kind, 'crossSymbol'));
		if (bare !== undefined) race.enter('bare client', { tick: () => bare.tick(kind) });
		await race.run(match);
		race.tell(into);
	}
}

/** On spot, whoever sells has to have it. */
export async function workWithCoins(box: BenchBox, symbols: number): Promise<readonly WorkSymbol[]> {
	const work = workOf(extraNames(symbols));
	await Promise.all(work.map(({ symbol }) => box.depositOnSpot(extraPerpetual(symbol)?.listing.baseCoin ?? symbol)));
	return work;
}

function binanceOf({ listening }: BenchBox) {
	if (listening.binance === undefined) throw new Error('the box has no Binance');
	return listening.binance;
}

export function openTrades(
	box: BenchBox,
	work: readonly WorkSymbol[],
	{ venue, channel }: Pick<Elsewhere, 'venue' | 'channel'>,
): Trades {
	const made = makeCredentials(box.account('ours'));
	if (made.kind === 'refused') throw new Error(made.sentence);
	const binance = binanceVenue({
		urls: boxUrls(binanceOf(box)),
		credentials: made.credentials,
		recvWindowMs: 5_000,
		orderCalls: { ...GATEWAY_OPTIONS, orderEntry: channel },
		reconnect: RECONNECT_POLICY,
		warmConnections: WARM_CONNECTIONS,
	});
	const turns = PLACES[venue];
	const places = work.map(({ symbol }, index) => ({ ...turns[index % turns.length], symbol }) as Trades['places'][number]);
	return { venues: venue === 'mixed' ? [...openBybit(box, work, channel).venues, binance] : [binance], places };
}

async function roundTripOf(pool: Pool): Promise<number> {
	const startMs = performance.now();
	const { body } = await pool.request({ method: 'GET', path: TIME_PATH });
	await body.text();
	return performance.now() - startMs;
}
