/**
 * The engine's side of the door: what may be looked at is made when somebody asks, from the engine as it is at that moment
 * and from what is remembered of it, profit as of the last second; what may be done goes to it as a control event. With
 * nobody looking it costs one look a second.
 */
import type { Timer } from '../../ports/clock.ts';
import type { App } from '../app.ts';
import { cancelAll, compare, flatten, flattenPreview, kill, pause, rearm, reduceOnly, resume } from './actions.ts';
import {
	type ActionAsked,
	type ActionName,
	type ActionResult,
	type Actor,
	type Console,
	PHRASES,
	type QueryAnswer,
	type QueryAsked,
	type QueryName,
} from './contract.ts';
import { decisionsView, type SignalsInForce, signalsView } from './desk-views.ts';
import { History } from './history.ts';
import { latencyView, type Times } from './latency.ts';
import { fillsView, markoutsView, ordersView } from './orders.ts';
import { overviewView, type Surroundings } from './overview.ts';
import { riskView, type SentinelFacts } from './risk.ts';
import type { SettingsDesk } from './settings-desk.ts';
import { symbolView } from './symbol.ts';
import { symbolsView } from './symbols.ts';
import { type AlertRow, type HealthView, MARKOUT_SECONDS } from './views.ts';
import type { Watched } from './watched.ts';
import { nowMonoOf } from './watched-app.ts';

export interface ConsoleParts extends Watched, Surroundings {
	readonly app: App;
	readonly signals?: SignalsInForce | undefined;
	readonly health?: (() => HealthView) | undefined;
	readonly alarm?: Alarm | undefined;
	readonly settings: SettingsDesk;
	readonly times?: Times | undefined;
	readonly sentinel?: (() => SentinelFacts) | undefined;
	/** For a person: something here does not work. */
	readonly say?: ((sentence: string) => void) | undefined;
}

/** Who knows what is wrong and what was. */
interface Alarm {
	list(limit: number): readonly AlertRow[];
	/** Through every sink; says what became of it. */
	test(): string;
}

type Readers = { readonly [Name in QueryName]: (asked: QueryAsked<Name>) => QueryAnswer<Name> };
type Actors = {
	readonly [Name in ActionName]: (asked: ActionAsked<Name>, actor: Actor) => ActionResult | Promise<ActionResult>;
};

const LOOK_EVERY_MS = 1_000;

export class EngineConsole implements Console, Disposable {
	readonly #parts: ConsoleParts;
	readonly #readers: Readers;
	readonly #actors: Actors;
	readonly #history: History;
	#timer: Timer | undefined;
	#hasFailed = false;

	constructor(parts: ConsoleParts) {
		this.#parts = parts;
		this.#history = new History(parts.app.instruments.length);
		this.#readers = readersOf(parts, this.#history);
		this.#actors = actorsOf(parts);
		parts.memory.watch(parts.app);
	}

	/** Looks each second from here on. */
	start(): void {
		try {
			this.#look();
		} catch (error) {
			// What is only shown ends no trading.
			if (!this.#hasFailed)
				this.#parts.say?.(`what the console shows is not whole: ${error instanceof Error ? error.message : String(error)}`);
			this.#hasFailed = true;
		}
		this.#timer = this.#parts.clock.after(LOOK_EVERY_MS, () => this.start());
	}

	#look(): void {
		const { clock, figures, times } = this.#parts;
		figures.look(nowMonoOf(clock));
		this.#history.look(this.#parts);
		times?.look(clock.wallMs());
	}

	[Symbol.dispose](): void {
		this.#timer?.cancel();
		this.#parts.memory[Symbol.dispose]();
	}

	async read<Name extends QueryName>(name: Name, asked: QueryAsked<Name>): Promise<QueryAnswer<Name>> {
		return this.#readers[name](asked);
	}

	async act<Name extends ActionName>(name: Name, asked: ActionAsked<Name>, actor: Actor): Promise<ActionResult> {
		return await this.#actors[name](asked, actor);
	}
}

const NO_SENTINEL: SentinelFacts = { isNeeded: false, isWatching: false };

function readersOf(parts: ConsoleParts, history: History): Readers {
	const { clock, memory, settings } = parts;
	const atMs = (): number => clock.wallMs();
	return {
		overview: () => overviewView(parts, parts),
		symbols: () => symbolsView(parts),
		symbol: (asked) => {
			const view = symbolView(asked, parts);
			history.watch(view.row.id, clock.wallMs());
			return view;
		},
		history: (asked) => history.view(asked, parts),
		latency: () => latencyView(parts, parts.times),
		orders: (asked) => ordersView(asked, parts),
		fills: (asked) => fillsView(asked, parts),
		markouts: () => markoutsView(parts, MARKOUT_SECONDS),
		reconciliations: ({ limit }) => ({ atMs: atMs(), rows: [...memory.comparisons.rows.newestFirst()].slice(0, limit) }),
		risk: () => riskView(parts, parts.sentinel?.() ?? NO_SENTINEL),
		alerts: ({ limit }) => ({ atMs: atMs(), alerts: [...(parts.alarm?.list(limit) ?? [])] }),
		decisions: (asked) => decisionsView(asked, parts),
		signals: (asked) => signalsView(asked, parts.signals, parts),
		config: () => settings.view(),
		// Kept by whoever serves this.
		audit: () => ({ atMs: atMs(), rows: [] }),
		backtests: () => ({ atMs: atMs(), runs: [] }),
		health: () => parts.health?.() ?? { atMs: atMs(), isReady: parts.app.isReady, checks: [] },
	};
}

function actorsOf({ app, alarm, settings }: ConsoleParts): Actors {
	return {
		pause: (asked, actor) => pause(app, { ...asked, reason: saidBy(actor, asked.reason) }),
		resume: (asked) => resume(app, asked),
		'cancel-all': (asked) => cancelAll(app, asked),
		'reduce-only': ({ reason }, actor) => reduceOnly(app, { reason: saidBy(actor, reason) }),
		'flatten-preview': (asked) => flattenPreview(app, asked),
		flatten: (asked, actor) => flatten(app, { ...asked, reason: saidBy(actor, asked.reason) }),
		kill: ({ reason }, actor) => kill(app, { reason: saidBy(actor, reason) }),
		rearm: ({ phrase }, { name }) => (phrase === PHRASES.rearm ? rearm(app, name) : wrongPhrase(PHRASES.rearm)),
		compare: () => compare(app),
		'patch-config': (asked, actor) => settings.patch(asked, actor),
		'strategy-params': (asked, actor) => settings.strategyParams(asked, actor),
		'test-alert': () => testAlert(alarm),
	};
}

/** For the journal, and for whoever reads why something stands still. */
function saidBy({ name }: Actor, reason: string): string {
	return `${reason} (${name})`;
}

function wrongPhrase(phrase: string): ActionResult {
	return { kind: 'refused', code: 'wrong-phrase', sentence: `nothing has changed: that takes the words '${phrase}'` };
}

function testAlert(alarm: Alarm | undefined): ActionResult {
	if (alarm !== undefined) return { kind: 'done', sentence: alarm.test() };
	return { kind: 'refused', code: 'no-sinks', sentence: 'no alert goes anywhere: name a sink under alerts' };
}
