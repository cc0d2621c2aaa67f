/**
 * All that Binance tells of an account: a connection for each market that is traded, and one picture behind them, so that
 * it is up when both are, and a census is of both. Futures tell of coins in part only, and not at all when an order is
 * placed or cancelled; there the coins are read anew after whatever may have changed them, at a pace.
 */
import { type TimeMs, timeMs } from '../../domain/units.ts';
import type { Timer } from '../../ports/clock.ts';
import { AccountFeed, type StateAsked, type StateRead } from '../wire/account-feed.ts';
import type { Behind } from '../wire/fill-watch.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { readTradeRow, WALLET_OF } from './account-rows.ts';
import type { BalanceNews, Market, PositionNews } from './codec/frames.ts';
import { BinanceReads } from './reads.ts';
import type { BinanceRest } from './rest.ts';
import type { Credentials } from './sign.ts';
import { readCoins, readSnapshot } from './snapshot.ts';
import type { SessionBasics } from './socket-wire.ts';
import type { UserAsked, UserStreams } from './streams.ts';
import type { BinanceUrls } from './urls.ts';
import { FuturesDoor } from './user-door-futures.ts';
import { SpotDoor } from './user-door-spot.ts';
import { type UserDoor, UserSocket, type UserSocketOwner, type UserSocketParts } from './user-socket.ts';

export interface UserStreamsParts extends SessionBasics, UserAsked {
	/** What events call it. */
	readonly venue: string;
	readonly urls: BinanceUrls;
	readonly credentials: Credentials;
	/** Of the markets that are traded. */
	readonly rests: Readonly<Partial<Record<Market, BinanceRest>>>;
	readonly venueClock: Pick<VenueClock, 'venueNowMs' | 'remeasure'>;
	/** Executions before this are never asked for; without it, before the start. */
	readonly executionsSinceMs?: TimeMs;
}

const MARKETS = ['spot', 'linear'] as const satisfies readonly Market[];
/** What is lost on a connection that stands is found order by order; lists of trades weigh too much for every reading. */
const TRADES_EVERY_MS = 20_000;
/** Funding is paid to everybody at once, and listed when the venue gets to it; a longer list weighs no more. */
const FUNDING_LOOK_BACK_MS = 15 * 60_000;
const COINS_EVERY_MS = 1_000;
const READ_TIMEOUT_MS = 5_000;

type News = UserSocketParts['news'];

export class BinanceUserStreams implements UserStreams, UserSocketOwner {
	readonly #parts: UserStreamsParts;
	readonly #feed: AccountFeed;
	readonly #reads: Partial<Record<Market, BinanceReads>> = {};
	readonly #sockets: UserSocket[] = [];
	/** Those that are connected to, and those of them that tell. */
	readonly #markets = new Set<Market>();
	readonly #subscribed = new Set<Market>();
	/** What is from before is none of our business. */
	#startMs: TimeMs | undefined;
	#tradesReadAtMono = Number.NEGATIVE_INFINITY;
	#coinsTimer: Timer | undefined;
	#areCoinsOld = false;
	#isStopped = false;

	constructor(parts: UserStreamsParts) {
		this.#parts = parts;
		const { clock, venueClock, rests } = parts;
		for (const market of MARKETS) {
			const rest = rests[market];
			if (rest !== undefined) this.#reads[market] = new BinanceReads(rest, undefined, READ_TIMEOUT_MS);
		}
		this.#feed = new AccountFeed({
			...parts,
			rng: parts.rng.fork('account'),
			clock,
			venueNowMs: () => venueClock.venueNowMs(),
			readState: (asked, heard) => void this.#readState(asked).then(heard),
			readFills: (behind, heard) => void this.#readFills(behind).then(heard),
		});
	}

	get isUp(): boolean {
		return this.#feed.isUp;
	}

	start(): void {
		this.#feed.start();
		for (const market of MARKETS) {
			const rest = this.#parts.rests[market];
			const isTraded = this.#parts.instruments().some(({ category }) => category === market);
			if (rest === undefined || !isTraded) continue;
			this.#markets.add(market);
			this.#sockets.push(this.#socketOf(market, rest));
		}
		for (const socket of this.#sockets) socket.start();
	}

	stop(): void {
		this.#isStopped = true;
		this.#coinsTimer?.cancel();
		for (const socket of this.#sockets) socket.stop();
	}

	/** The state is read once more, and told as a census, or as half of one where it cannot be. */
	takeCensus(): void {
		this.#feed.takeCensus();
	}

	connecting(market: Market): void {
		this.#subscribed.delete(market);
		this.#feed.connecting();
	}

	subscribed(market: Market): void {
		this.#subscribed.add(market);
		if (this.#subscribed.size === this.#markets.size) this.#feed.connected();
	}

	lost(market: Market): void {
		this.#subscribed.delete(market);
		this.#feed.lost();
	}

	missed(): void {
		this.#feed.missed();
	}

	#socketOf(market: Market, rest: BinanceRest): UserSocket {
		const { transport, clock, policy, table, watch } = this.#parts;
		const rng = this.#parts.rng.fork(market);
		const door = this.#doorOf(market, rest);
		return new UserSocket({
			...{ transport, clock, rng, policy, market, door, table, watch },
			...rest.ban.atDoors,
			news: this.#newsOf(market),
			owner: this,
		});
	}

	#doorOf(market: Market, rest: BinanceRest): UserDoor {
		const { clock, urls, credentials, venueClock, watch } = this.#parts;
		if (market === 'spot') return new SpotDoor({ clock, url: urls.spotWsApi, credentials, venueClock, rest });
		const refused = (message: string): void => watch({ kind: 'loginRefused', message });
		return new FuturesDoor({ clock, rng: this.#parts.rng.fork('listen key'), url: urls.futuresPrivate, rest, refused });
	}

	#newsOf(market: Market): News {
		const feed = this.#feed;
		const latest = new Latest();
		const wallet = WALLET_OF[market];
		const coinsMayHaveChanged = (): void => {
			if (market === 'linear') this.#readCoinsSoon();
		};
		return {
			order: (report) => {
				feed.order(report);
				coinsMayHaveChanged();
			},
			execution: (execution) => feed.execution(execution),
			// Early and without a fee: the full one is booked.
			fastFill: () => undefined,
			balance: ({ currency, free, total, changedAtMs }: BalanceNews) => {
				if (free === undefined) coinsMayHaveChanged();
				else if (latest.isNews(currency, changedAtMs)) feed.coin({ wallet, currency, free, total });
			},
			position: ({ instrument, positionLotsSigned, changedAtMs }: PositionNews) => {
				if (latest.isNews(instrument.id, changedAtMs)) feed.position({ instrument, positionLotsSigned });
			},
			unbooked: () => feed.missed(),
			unlisted: () => undefined,
		};
	}

	async #readState({ executionsSinceMs, isBehindGap, isCensus: withModes }: StateAsked): Promise<StateRead> {
		const { table, instruments, clock, venueClock } = this.#parts;
		const venueNowMs = (): number => venueClock.venueNowMs();
		const beganAtMono = clock.monotonicMs();
		const withTrades = isBehindGap || beganAtMono - this.#tradesReadAtMono >= TRADES_EVERY_MS;
		this.#startMs ??= executionsSinceMs;
		const fundingsMs = timeMs(Math.max(this.#startMs, executionsSinceMs - FUNDING_LOOK_BACK_MS));
		const listsSince = withTrades ? { tradesMs: executionsSinceMs, fundingsMs } : undefined;
		const asked = { reads: this.#reads, table, instruments: instruments(), listsSince, venueNowMs, withModes };
		const read = await readSnapshot(asked);
		if (read.kind === 'complete' && withTrades) this.#tradesReadAtMono = beganAtMono;
		return read;
	}

	async #readFills({ instrument, venueOrderId }: Behind) {
		const market: Market = instrument.category === 'spot' ? 'spot' : 'linear';
		const read = await this.#reads[market]?.tradeRowsOf(instrument.symbol, venueOrderId);
		if (read?.kind !== 'ok') return [];
		const found = read.value.map((row) => readTradeRow(row, { market, instruments: this.#parts.table }));
		return found.flatMap((each) => (each.kind === 'read' ? [each.value] : []));
	}

	#readCoinsSoon(): void {
		this.#areCoinsOld = true;
		this.#coinsTimer ??= this.#parts.clock.after(COINS_EVERY_MS, () => void this.#readCoins());
	}

	/** What fails is old until the next time; the census reads them too. */
	async #readCoins(): Promise<void> {
		const reads = this.#reads.linear;
		this.#areCoinsOld = false;
		const read = reads === undefined ? undefined : await readCoins(reads, 'linear');
		this.#coinsTimer = undefined;
		if (this.#isStopped) return;
		if (read?.kind === 'ok') for (const coin of read.value) this.#feed.coin(coin);
		if (this.#areCoinsOld) this.#readCoinsSoon();
	}
}

/** News of one thing may come out of order; what is older than what was told is none. */
class Latest {
	/** As many as there are coins and positions. */
	readonly #atMs = new Map<string, number>();

	isNews(name: string, changedAtMs: number): boolean {
		if (changedAtMs < (this.#atMs.get(name) ?? 0)) return false;
		this.#atMs.set(name, changedAtMs);
		return true;
	}
}
