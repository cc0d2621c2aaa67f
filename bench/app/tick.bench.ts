/**
 * A whole tick over the wire, as it is for whoever quotes many symbols: the engine with everything in it, real sockets, and
 * the exchange in a box in a process of its own, 40 ms away. It stands for the promise that a tick is one round trip,
 * however many symbols there are; what is lost here, every quote is late by.
 *
 * Said openly: the venue's rate limits are lifted, or a tick of fifty symbols would last fifty seconds; how long it lasts
 * with them, `tick-limits.ts` says for Binance and `execution/budget` for Bybit. The market rests,
 * so that only we act. The box has half of its round trip for its own work, which is its processor's and not ours: where
 * it takes longer, as on a machine whose cores are busy, everybody's ticks grow. The bare client, which sends the same
 * from prepared texts, shows how much of a tick that is, and with a journal how much of it no program can save that keeps what
 * it sends: ours is on the disk, and shares the cores with the exchange. Contestants take turns, each round in the other order, and each
 * has a round trip of its own measured just before its tick; nobody's orders are in anybody else's streams.
 */
import { extraNames } from '../../src/exchange/market/extra.ts';
import type { BenchCase, Benchmark, BenchOptions, BenchResult } from '../harness.ts';
import { type BareClient, bareRest, bareSocket } from './tick-bare.ts';
import { BareJournal } from './tick-bare-journal.ts';
import { type BenchBox, openBenchBox } from './tick-box.ts';
import { measureLimited } from './tick-limits.ts';
import { type Channel, OurApp, openBybit } from './tick-ours.ts';
import { bybitApiRest, bybitApiSingles, bybitApiSocket, ccxt, type PeerClient } from './tick-peers.ts';
import { type Measured, ourRun, Race, raceTitle } from './tick-race.ts';
import { measureElsewhere } from './tick-venues.ts';
import { type Kind, type WorkSymbol, workOf } from './tick-work.ts';

interface Size {
	readonly symbols: number;
	readonly rounds: number;
	readonly warmupRounds: number;
	/** One call an order, one after the other: seconds for each tick, so few of them. */
	readonly slowRounds: number;
}

interface Plan {
	readonly roundTripMs: number;
	/** Between two ticks, until streams are silent and the venue has caught its breath. */
	readonly restMs: number;
	readonly sizes: readonly Size[];
}

const FULL: Plan = {
	roundTripMs: 40,
	restMs: 40,
	sizes: [
		{ symbols: 4, rounds: 40, warmupRounds: 20, slowRounds: 3 },
		{ symbols: 20, rounds: 40, warmupRounds: 20, slowRounds: 0 },
		{ symbols: 50, rounds: 100, warmupRounds: 40, slowRounds: 0 },
	],
};
const TINY: Plan = { roundTripMs: 2, restMs: 2, sizes: [{ symbols: 4, rounds: 2, warmupRounds: 1, slowRounds: 1 }] };

const CHANNELS: readonly Channel[] = ['ws', 'rest'];
const KINDS: readonly Kind[] = ['replace', 'requote'];
export default {
	name: 'app/tick',
	async run({ tiny, venue = 'bybit', only = '' }: BenchOptions): Promise<BenchResult> {
		const plan = tiny ? TINY : FULL;
		const isAsked = (title: string): boolean => title.includes(only);
		const cases: BenchCase[] = [];
		const ratios: Record<string, number> = {};
		if (!tiny) console.error(`  the box: ${plan.roundTripMs} ms away, market at rest, the venue's rate limits lifted`);
		for (const size of plan.sizes) {
			for (const channel of CHANNELS) {
				if (venue === 'bybit') await measure({ plan, size, channel, isAsked }, { cases, ratios });
				else await measureElsewhere({ ...plan, ...size, channel, venue, isTold: !tiny, isAsked }, { cases, ratios });
			}
		}
		const { roundTripMs } = plan;
		if (venue !== 'bybit') await measureLimited({ venue, isTiny: tiny, roundTripMs, isAsked }, { cases, ratios });
		if (cases.length === 0) throw new Error(`nothing that is measured here has "${only}" in its title`);
		return { cases, ratios };
	},
} satisfies Benchmark;

interface Match {
	readonly plan: Plan;
	readonly size: Size;
	readonly channel: Channel;
	readonly isAsked: (title: string) => boolean;
}

async function measure(match: Match, into: Measured): Promise<void> {
	const { plan, size, channel } = match;
	const kinds = KINDS.filter((kind) => match.isAsked(raceTitle({ ...sceneOf(match), kind })));
	if (kinds.length === 0) return;
	await using box = await openBenchBox({ roundTripMs: plan.roundTripMs, symbolCount: size.symbols * 2 });
	const symbols = workOf(extraNames(size.symbols * 2));
	const [mine, theirs] = [symbols.slice(0, size.symbols), symbols.slice(size.symbols)];
	await using open = new AsyncDisposableStack();
	const app = open.use(await OurApp.open(mine, openBybit(box, mine, channel)));
	const bare = open.use(await (channel === 'ws' ? bareSocket(box, theirs) : bareRest(box, theirs)));
	const journal = open.use(new BareJournal());
	const peers: Readonly<Record<string, PeerClient>> =
		channel === 'ws'
			? { 'bybit-api, cross-symbol batches': open.use(await bybitApiSocket(box, theirs)) }
			: {
					'bybit-api, cross-symbol batches': open.use(await bybitApiRest(box, theirs)),
					'ccxt, per-symbol batches': open.use(await ccxt(box, theirs)),
				};
	const scene = { ...sceneOf(match), box, roundTripMs: () => bare.roundTripMs() };
	for (const kind of kinds) {
		const race = new Race({ ...scene, kind });
		race.enter(kind === 'requote' ? 'ours, amend-first' : 'ours, cross-symbol batches', ourRun(app, kind, 'crossSymbol'));
		race.enter('ours, per-symbol batches', ourRun(app, kind, 'perSymbol'));
		race.enter('bare client', { tick: () => bare.tick(kind) });
		race.enter('bare client with a journal', { tick: () => bare.tick(kind, journal) });
		for (const [name, peer] of Object.entries(peers)) race.enter(name, { tick: () => peer.tick(kind) });
		await race.run(size);
		race.tell(into);
	}
	if (size.slowRounds > 0 && kinds.includes('replace')) await measureSlow(match, { app, bare, box, theirs }, into);
}

/** One call an order: ours one after the other, as with batching switched off, theirs all at once. */
async function measureSlow(
	match: Match,
	{ app, bare, box, theirs }: { app: OurApp; bare: BareClient; box: BenchBox; theirs: readonly WorkSymbol[] },
	into: Measured,
): Promise<void> {
	await using singles = match.channel === 'rest' ? await bybitApiSingles(box, theirs) : undefined;
	const race = new Race({ ...sceneOf(match), kind: 'replace', box, roundTripMs: () => bare.roundTripMs() });
	race.enter('ours, sequential', ourRun(app, 'replace', 'sequential'));
	if (singles !== undefined) race.enter('bybit-api, one call an order', { tick: () => singles.tick('replace') });
	await race.run({ rounds: match.size.slowRounds, warmupRounds: 1 });
	race.tell(into);
}

function sceneOf({ plan, size, channel }: Match) {
	return { where: '', channel, symbols: size.symbols, restMs: plan.restMs, isTold: plan === FULL };
}
