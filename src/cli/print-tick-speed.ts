/** The table of `evenkeel bench`. */
import type { TickRoad } from '../app/speed/tick-app.ts';
import type { Spread, TickSpeed } from '../app/speed/tick-tally.ts';
import { counted } from './counted.ts';
import { tableText } from './plain-table.ts';

export interface TickBenchAsked {
	readonly symbols: number;
	/** A side. */
	readonly levels: number;
	readonly roundTripMs: number;
	readonly ticks: number;
	readonly road: TickRoad;
	/** The journal lay below it. */
	readonly folder: string;
	/** It is no disk, and the journal cost next to nothing. */
	readonly isInMemory: boolean;
}

const FIGURES: ReadonlySet<number> = new Set([1, 2, 3]);

export function tickSpeedText(asked: TickBenchAsked, measured: TickSpeed): string {
	const { symbols, levels, roundTripMs, road } = asked;
	const { ticks, callsPerTick, commandsPerTick, cutShort, sentOver } = measured;
	const way = road === 'ws' ? 'WebSocket' : 'REST';
	return [
		`${counted(ticks, 'tick')} of ${counted(symbols, 'symbol')} x (${levels * 2} cancels + ${levels * 2} creates) over ${way}, ${roundTripMs} ms to the exchange and back`,
		'',
		tableText(
			['', 'p50', 'p95', 'p99'],
			[
				row('bare round trip, ms', measured.bareMs),
				row('tick, ms', measured.tickMs),
				row('tick, in bare round trips', measured.tickInRoundTrips),
				row('a commit of the journal, ms', measured.journalMs),
				row('our processor time a tick, ms', measured.cpuMsPerTick),
			],
			FIGURES,
		),
		`${whole(commandsPerTick)} commands in ${whole(callsPerTick)} calls a tick (${sentOver.join(', ')}). The venue's rate limits are lifted; ${journalText(asked)}`,
		...(cutShort === 0 ? [] : [`Left out: ${counted(cutShort, 'more tick')} that did not go through. Is the machine busy?`]),
		'',
	].join('\n');
}

function journalText({ folder, isInMemory }: TickBenchAsked): string {
	if (!isInMemory) return `the journal lay below ${folder}.`;
	return `the journal lay below ${folder}, which is memory and not a disk: name a folder on your disk by --folder.`;
}

function row(name: string, { p50, p95, p99 }: Spread): string[] {
	return [name, ...[p50, p95, p99].map((value) => value.toFixed(2))];
}

function whole(value: number): string {
	return String(Number(value.toFixed(1)));
}
