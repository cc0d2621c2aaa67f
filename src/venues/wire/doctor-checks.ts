/** What a doctor looks at in the same way at every venue: the way there, the clock, the symbols, fees, and what a key is for. */
import type { Category, InstrumentSpec } from '../../domain/instrument.ts';
import type { FailureClass } from '../../domain/outcome.ts';
import type { Finding, WithdrawalRight } from './finding.ts';
import type { InstrumentsLoaded, WantedSymbol } from './instruments.ts';
import type { VenueClock } from './venue-clock.ts';

/** A read that came to nothing; the code is the venue's own, where it refused. */
export interface Failed {
	readonly code: number | undefined;
	readonly class: FailureClass;
	readonly sentence: string;
}

/** What says nothing of what was asked about. */
const PASSING: ReadonlySet<FailureClass> = new Set(['transient', 'rate-limited', 'clock', 'ambiguous']);

/** The bounds at which the risk gate warns of the clock, and at which it lets no more creates out (PT21). */
const OFFSET_WARNING_MS = 250;
const OFFSET_REFUSAL_MS = 500;

export function unreachable({ host, isBox }: { readonly host: string; readonly isBox: boolean }, failed: Failed): Finding {
	const check = 'reachable';
	const { code, sentence } = failed;
	if (code !== undefined) return { check, level: 'problem', sentence: `${host} answers, but not to us: ${sentence}` };
	const mend = isBox
		? 'start the exchange in a box there (evenkeel exchange), or correct its address'
		: 'look at the network of this machine: name service, proxy, firewall';
	return { check, level: 'problem', sentence: `${host} cannot be reached: ${mend} (${sentence})` };
}

export async function clockFinding(venueClock: VenueClock): Promise<Finding> {
	const check = 'clock';
	const isMeasured = await new Promise<boolean>((resolve) => venueClock.remeasure(resolve));
	if (!isMeasured)
		return {
			check,
			level: 'problem',
			sentence: "the venue's clock cannot be measured: too few of five questions were answered; try again",
		};
	const { offsetMs } = venueClock;
	const off = Math.abs(offsetMs);
	const size = off < 1_000 ? `${off} ms` : `${(off / 1_000).toFixed(1)} s`;
	const sentence = `the clock of this machine is ${size} ${offsetMs > 0 ? 'behind' : 'ahead of'} the venue's`;
	if (off > OFFSET_REFUSAL_MS)
		return { check, level: 'problem', sentence: `${sentence}: set it, best by NTP; orders stop at ${OFFSET_REFUSAL_MS} ms` };
	if (off > OFFSET_WARNING_MS)
		return { check, level: 'warning', sentence: `${sentence}: orders stop at ${OFFSET_REFUSAL_MS} ms` };
	return { check, level: 'ok', sentence: off === 0 ? "the clock of this machine agrees with the venue's" : sentence };
}

export type LoadSymbols = (wanted: readonly WantedSymbol[], of: { readonly hasFees: boolean }) => Promise<InstrumentsLoaded>;

export async function symbolFindings(load: LoadSymbols, wanted: readonly WantedSymbol[], hasFees: boolean): Promise<Finding[]> {
	const loaded = await load(wanted, { hasFees });
	if (loaded.kind === 'refused') {
		return loaded.sentences.map((sentence) => ({ check: 'symbols', level: 'problem', sentence }));
	}
	return [listed(wanted), ...(hasFees ? feeFindings(loaded.specs) : [])];
}

export function categoriesOf(wanted: readonly WantedSymbol[]): readonly Category[] {
	return [...new Set(wanted.map(({ category }) => category))];
}

/** `sentence` where more is known of the refusal than the venue says. */
export function unread(check: string, failed: Failed, sentence = failed.sentence): Finding {
	return { check, level: 'problem', sentence, ...(PASSING.has(failed.class) ? { isPassing: true } : {}) };
}

export function withdrawalFinding(canWithdraw: boolean, right: WithdrawalRight): Finding {
	const check = 'withdrawal';
	if (!canWithdraw) return { check, level: 'ok', sentence: 'the API key cannot withdraw money' };
	const danger = 'the API key can withdraw money, which a trading program never needs';
	if (right === 'accepted') return { check, level: 'warning', sentence: `${danger}; accept_withdrawal_right lets it pass` };
	const mend = 'take the right away, or set accept_withdrawal_right, without which nothing is traded with it';
	return { check, level: right === 'told' ? 'warning' : 'problem', sentence: `${danger}: ${mend}` };
}

export function addressFinding(isOpen: boolean): Finding {
	return isOpen
		? {
				check: 'addresses',
				level: 'warning',
				sentence: 'the API key works from any address: bind it to the address of this machine',
			}
		: { check: 'addresses', level: 'ok', sentence: 'the API key is bound to addresses' };
}

/** Ours is a limit that we keep by ourselves; a lower one of the venue's refuses orders before it is reached. */
export function leverageFinding(
	{ leverage, leverageMax }: { readonly leverage: number; readonly leverageMax: number },
	at: { readonly venueName: string; readonly symbols: readonly string[] },
): Finding {
	const sentence = `a leverage of ${leverage} at ${at.venueName} for ${at.symbols.join(', ')}`;
	if (leverage >= leverageMax) return { check: 'leverage', level: 'ok', sentence };
	const effect = `less than risk.leverage_max, which is ${leverageMax}: orders will lack margin before that limit is reached`;
	return { check: 'leverage', level: 'warning', sentence: `${sentence}, ${effect}; raise one or lower the other` };
}

/** Symbols by what they have in common: one line each would bury the rest. */
export function grouped<Item extends { readonly symbol: string }>(
	items: readonly Item[],
	trait: (item: Item) => string,
): ReadonlyMap<string, readonly string[]> {
	const groups = new Map<string, string[]>();
	for (const item of items) {
		const group = groups.get(trait(item));
		if (group === undefined) groups.set(trait(item), [item.symbol]);
		else group.push(item.symbol);
	}
	return groups;
}

function listed(wanted: readonly WantedSymbol[]): Finding {
	const names = categoriesOf(wanted).map((category) => {
		const symbols = wanted.filter((each) => each.category === category).map(({ symbol }) => symbol);
		return `${symbols.join(', ')} (${category})`;
	});
	return { check: 'symbols', level: 'ok', sentence: `listed and trading: ${names.join(', ')}` };
}

/** What trading costs. */
function feeFindings(specs: readonly InstrumentSpec[]): Finding[] {
	const groups = grouped(
		specs,
		({ makerFeeRate, takerFeeRate }) => `maker ${percent(makerFeeRate)}, taker ${percent(takerFeeRate)}`,
	);
	return [...groups].map(([rates, symbols]) => ({ check: 'fees', level: 'ok', sentence: `${rates} on ${symbols.join(', ')}` }));
}

function percent(rate: string): string {
	return `${Number((Number(rate) * 100).toFixed(6))} %`;
}
