/** From `strategies` to who quotes what: each entry with its venue, its symbols and the parameters that its strategy reads. */
import { type LadderParams, parseLadderParams } from '../../strategy/index.ts';
import { type Config, symbolsOfStrategy } from './sections.ts';
import type { StrategyEntry } from './strategies-section.ts';

export interface QuotingSettings {
	readonly name: string;
	readonly kind: StrategyEntry['kind'];
	/** As the engine calls them. */
	readonly symbols: readonly string[];
	readonly params: LadderParams;
}

/** Empty where nothing is said about strategies; whoever wires a simulation has one of its own to show. */
export function quotingSettings(config: Pick<Config, 'mode' | 'venues' | 'strategies'>): QuotingSettings[] {
	return config.strategies.map((entry) => {
		const found = symbolsOfStrategy(entry, config);
		if (found.kind === 'none') throw new Error(`invariant broken: the symbols of ${entry.name} were checked and are none`);
		return {
			name: entry.name,
			kind: entry.kind,
			symbols: found.symbols.map(({ engineName }) => engineName),
			params: ladderParamsOf(entry),
		};
	});
}

export function ladderParamsOf(entry: StrategyEntry): LadderParams {
	const read = parseLadderParams(entry.params);
	if (read.kind === 'refused')
		throw new Error(`invariant broken: ${entry.name}.params.${read.key} was checked and is ${read.found}`);
	return read.params;
}
