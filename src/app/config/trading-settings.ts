/** From the section `trading` to what the desk is opened with. */
import type { EntryRule, ExitRules, Thresholds } from '../../domain/decision.ts';
import type { BarInterval } from '../../domain/market-read.ts';
import { type ModelSpec, parseModelSpec } from '../../strategy/index.ts';
import { type Config, symbolsOfDesk } from './sections.ts';
import { type ModelEntry, type SignalEntry, specOf, type WorkflowEntry } from './trading-section.ts';

export interface TradingSettings {
	readonly workflows: readonly WorkflowSettings[];
	readonly signals: readonly SignalSettings[];
	readonly concurrency: number;
	readonly deadlineMs: number;
	readonly priceTtlMs: number;
	readonly snapshotEveryMs: number;
}

export interface SignalSettings {
	readonly name: string;
	/** As the engine calls them. */
	readonly symbols: readonly string[];
	readonly interval: BarInterval;
	readonly barCount: number;
	readonly models: readonly { readonly spec: ModelSpec; readonly weight: number }[];
}

export interface WorkflowSettings extends SignalSettings {
	readonly size: WorkflowEntry['size'];
	readonly schedule: { readonly kind: 'bar' } | { readonly kind: 'every'; readonly everyMs: number };
	/** In the signal store, beside the models. */
	readonly source: { readonly name: string; readonly weight: number } | undefined;
	readonly thresholds: Thresholds;
	readonly entry: EntryRule;
	readonly exits: ExitRules;
	readonly isDryRun: boolean;
}

export function tradingSettings(config: Pick<Config, 'mode' | 'venues' | 'trading'>): TradingSettings {
	const { workflows, signals, concurrency, deadline, price_ttl, snapshot_interval } = config.trading;
	return {
		workflows: workflows.map((entry) => workflowSettings(entry, config)),
		signals: signals.map((entry) => signalSettings(entry, config)),
		concurrency,
		deadlineMs: deadline * 1_000,
		priceTtlMs: price_ttl * 1_000,
		snapshotEveryMs: snapshot_interval * 1_000,
	};
}

function workflowSettings(written: WorkflowEntry, config: Pick<Config, 'mode' | 'venues'>): WorkflowSettings {
	const { size, every, source, entry, exit, dry_run: isDryRun } = written;
	return {
		...signalSettings(written, config),
		size,
		schedule: every === 'bar' ? { kind: 'bar' } : { kind: 'every', everyMs: every * 1_000 },
		source: source === undefined ? undefined : { name: source, weight: written.source_weight },
		thresholds: {
			buyAbove: written.buy_above,
			sellBelow: written.sell_below,
			confidenceMin: written.confidence_min,
		},
		entry:
			entry.type === 'market'
				? { type: 'market', slipBps: entry.slip_bps }
				: { type: 'limit', offsetTicks: entry.offset_ticks, forMs: entry.for * 1_000 },
		exits: {
			stopBps: exit.stop_bps ?? 0,
			targetBps: exit.target_bps ?? 0,
			forMs: (exit.after ?? 0) * 1_000,
		},
		isDryRun,
	};
}

function signalSettings(
	{ name, symbols, interval, bars, models }: Pick<WorkflowEntry, keyof SignalEntry>,
	config: Pick<Config, 'mode' | 'venues'>,
): SignalSettings {
	const found = symbolsOfDesk({ symbols }, config);
	if (found.kind === 'none') throw new Error(`invariant broken: the symbols of ${name} were checked and are none`);
	return {
		name,
		symbols: found.symbols.map(({ engineName }) => engineName),
		interval,
		barCount: bars,
		models: models.map((each) => ({ spec: specRead(each), weight: each.weight })),
	};
}

function specRead(entry: ModelEntry): ModelSpec {
	const read = parseModelSpec(specOf(entry));
	if (read.kind === 'ok') return read.spec;
	throw new Error(`invariant broken: a model was checked and its ${read.key} is ${read.found}`);
}
